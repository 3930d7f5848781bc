import type { Lease, LoadReport } from "@weft/core";
import { expect, test } from "vitest";
import { goesByReports, reportLoad } from "./report-load.ts";

function reported(fields: Readonly<Record<string, string>>): LoadReport[] {
  const reports: LoadReport[] = [];
  const lease = { reported: (report: LoadReport) => reports.push(report) } as unknown as Lease; // no more is asked of it
  reportLoad(lease, (name) => fields[name], 5_000);
  return reports;
}

test.each<[fields: Readonly<Record<string, string>>, reports: readonly Partial<LoadReport>[]]>([
  [{ "endpoint-load-metrics": "TEXT cpu_utilization=0.5" }, [{ cpu: 0.5 }]],
  [{ "endpoint-load-metrics-bin": "CQAAAAAAAOA/" }, [{ cpu: 0.5 }]],
  // The text counts where both are there.
  [{ "endpoint-load-metrics": "JSON {}", "endpoint-load-metrics-bin": "CQAAAAAAAOA/" }, [{ cpu: 0 }]],
  [{ "endpoint-load-metrics": "nonsense" }, []],
  [{ "endpoint-load-metrics-bin": "nonsense!" }, []],
  [{ "endpoint-load-metrics-bin": "" }, []],
  [{}, []],
])("of an answer with %j, the lease is told %j", (fields, reports) => {
  expect(reported(fields)).toMatchObject(reports);
});

test("reports are read for the balancers that go by them", () => {
  const kinds = ["reported-load", "prequal", "peak-ewma", "first"] as const;
  const reading = (reportsWeigh: boolean) => kinds.filter((balancer) => goesByReports({ balancer, reportsWeigh }));
  expect(reading(false)).toEqual(["reported-load", "prequal"]);
  expect(reading(true)).toEqual(kinds);
});
