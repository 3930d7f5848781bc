import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { many, stage } from "../../cluster/stage.suite.ts";
import { hashVectors } from "../../hash/hash-vectors.suite.ts";
import { SUCCESS } from "../../outcome.ts";
import { pickerSuite } from "../picker.suite.ts";
import { EndpointReport } from "./endpoint-report.ts";
import { type LoadReport, loadReportText, parseBinaryLoadReport, parseLoadReport } from "./load-report.ts";
import { reportedLoad } from "./reported-load.ts";
import { reportedWeight } from "./reported-weight.ts";
import { hasTurn, strideWeights } from "./static-stride.ts";

pickerSuite(reportedLoad);

describe("static stride", () => {
  test.each(hashVectors.static_stride)("of the weights $weights is grpc-go's", ({ weights, W, picks }) => {
    const scaled = strideWeights(weights);
    expect([...scaled]).toEqual(W);
    const taken: number[] = [];
    for (let turn = 0; taken.length < picks.length; turn++) if (hasTurn(scaled, turn)) taken.push(turn % W.length);
    expect(taken).toEqual(picks);
  });

  test("gives turns in proportion, and each who has a weight at least one", () => {
    expect([...strideWeights([1e9, 1])]).toEqual([65_535, 1]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 }), (weights) => {
        const scaled = strideWeights(weights);
        const most = Math.max(...weights);
        const rounds = 1_000;
        weights.forEach((weight, index) => {
          let turns = 0;
          for (let round = 0; round < rounds; round++) if (hasTurn(scaled, round * weights.length + index)) turns++;
          expect(Math.abs(turns - (rounds * weight) / most)).toBeLessThanOrEqual(1);
        });
      }),
      { seed: 7 },
    );
  });
});

const report = (perSecond: number, errorsPerSecond: number, utilization: number, cpu = 0): LoadReport => {
  return { perSecond, errorsPerSecond, utilization, cpu, inFlight: undefined, latencyMs: undefined };
};

describe("a reported weight", () => {
  test.each(hashVectors.orca_weight)("of $qps a second, $eps errors and $util in use is $weight", (row) => {
    expect(reportedWeight(report(row.qps, row.eps, row.util), row.penalty)).toBeCloseTo(row.weight, 6);
  });

  test("stays a number, whatever an endpoint says", () => {
    expect(reportedWeight(report(1e308, 0, 1e-300))).toBe(1e12);
    expect(reportedWeight(report(1e-300, 1e308, 1))).toBe(0);
    const { cluster, call, clock } = stage(3, { picker: reportedLoad() });
    for (const secondsOn of [0, 11]) {
      clock.now += secondsOn * 1_000;
      for (const { endpoint } of cluster.snapshot().endpoints) {
        const lease = cluster.lease(endpoint, call());
        lease.reported(report(1e308, 0, 1e-300), clock.now);
        lease.release(SUCCESS);
      }
    }
    expect(new Set(Array.from({ length: 3 }, () => cluster.acquire(call()).endpoint.id)).size).toBe(3);
  });

  test("goes by the processors when the endpoint measures nothing itself", () => {
    expect(reportedWeight(report(100, 0, 0, 0.5))).toBe(200);
    expect(reportedWeight(report(100, 0, 0.25, 0.5))).toBe(400);
  });

  test.each([
    { steps: [0, 9_999], atMs: 9_999, weight: 0, why: "it has reported for less than 10 s" },
    { steps: [0, 10_000], atMs: 10_000, weight: 200, why: "it has reported for 10 s" },
    { steps: [0, 10_000], atMs: 189_999, weight: 200, why: "its last report is younger than 3 minutes" },
    { steps: [0, 10_000], atMs: 190_000, weight: 0, why: "its last report is too old" },
    { steps: [0, 200_000], atMs: 205_000, weight: 0, why: "it begins anew after a long silence" },
    { steps: [], atMs: 50_000, weight: 0, why: "it never reported" },
  ])("is $weight when $why", ({ steps, atMs, weight }) => {
    const endpoint = new EndpointReport();
    for (const step of steps) endpoint.record(report(100, 0, 0.5), step);
    endpoint.record(report(0, 0, 0.5), atMs); // tells nothing
    expect(endpoint.weight(atMs)).toBe(weight);
  });
});

describe("a load report", () => {
  const read = report(100, 1.5, 0.5, 0.3);

  test.each([
    "TEXT cpu_utilization=0.3,rps_fractional=100,eps=1.5,application_utilization=0.5",
    "TEXT cpu_utilization = 0.3, rps_fractional=1e2 ,named_metrics.foo=x,eps=1.5,application_utilization=0.5",
    'JSON {"cpu_utilization":0.3,"rps_fractional":100,"eps":1.5,"application_utilization":0.5,"named_metrics":{"a":1}}',
    `BIN ${binary([1, 0.3], [6, 100], [7, 1.5], [9, 0.5])}`,
  ])("is read from %s", (text) => {
    expect(parseLoadReport(text)).toEqual(read);
  });

  test("has nothing for what it does not say", () => {
    expect(parseLoadReport("TEXT cpu_utilization=0.3")).toEqual(report(0, 0, 0, 0.3));
    expect(parseLoadReport("JSON {}")).toEqual(report(0, 0, 0, 0));
    expect(parseBinaryLoadReport("")).toEqual(report(0, 0, 0, 0));
  });

  const named = (name: string, value: number): string => {
    const entry = [0x0a, name.length, ...Buffer.from(name), 0x11, ...new Uint8Array(new Float64Array([value]).buffer)];
    return String.fromCharCode(0x42, entry.length, ...entry);
  };

  test.each([
    "TEXT named_metrics.rif=3, named_metrics.latency_ms=12.5,named_metrics.other=x",
    'JSON {"named_metrics":{"rif":3,"latency_ms":12.5,"other":"x"}}',
    `BIN ${btoa(named("rif", 3) + named("other", -1) + named("latency_ms", 12.5))}`,
    loadReportText(3, 12.500_04),
  ])("tells of requests in flight and what one takes in %s", (text) => {
    expect(parseLoadReport(text)).toEqual({ ...report(0, 0, 0), inFlight: 3, latencyMs: 12.5 });
  });

  test("tells nothing of a latency that nobody knows", () => {
    expect(parseLoadReport(loadReportText(0, undefined))).toEqual({ ...report(0, 0, 0), inFlight: 0 });
  });

  test.each([
    'JSON {"named_metrics":{"rif":"3"}}',
    'JSON {"named_metrics":{"rif":-3}}',
    `BIN ${btoa(named("rif", Number.POSITIVE_INFINITY))}`,
    `BIN ${btoa(named("rif", 3).slice(0, -1))}`,
    "BIN QgL/AQ==", // an entry that is none
  ])("is not made of %s", (text) => {
    expect(parseLoadReport(text)).toBeUndefined();
  });

  test("passes over the fields of its binary form that it does not know", () => {
    // 3: a number; 4: a map; 2: a double; then cpu.
    const bytes = Uint8Array.from([0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x22, 2, 1, 2]);
    const known = Buffer.from(binary([2, 7], [1, 0.25]), "base64");
    expect(parseBinaryLoadReport(base64([...bytes, ...known]))).toEqual(report(0, 0, 0, 0.25));
  });

  test.each([
    "",
    "cpu_utilization=0.3",
    "XML <a/>",
    "TEXT cpu_utilization=-1",
    "TEXT cpu_utilization=",
    "TEXT eps=Infinity",
    "TEXT rps_fractional=much",
    "JSON {",
    "JSON []",
    "JSON null",
    'JSON {"eps":"1"}',
    "BIN ???",
    "BIN CQ==", // a double that is cut
    "BIN IgX/", // a map that is longer than what is there
    "BIN DQ==",
    "BIN Cw==", // a group, which nobody writes
    `BIN ${binary([1, Number.NaN])}`,
  ])("is not made of %s", (text) => {
    expect(parseLoadReport(text)).toBeUndefined();
  });

  test("of any bytes is one or none, and never an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.string(), (bytes, text) => {
        parseBinaryLoadReport(base64(bytes));
        parseBinaryLoadReport(text);
        for (const form of ["TEXT", "JSON", "BIN"]) parseLoadReport(`${form} ${text}`);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe("the balancer by reported load", () => {
  const ids = (count: number, pick: () => string): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (let i = 0; i < count; i++) {
      const id = pick();
      counts[id] = (counts[id] ?? 0) + 1;
    }
    return counts;
  };

  test("gives each endpoint so much as it says that it can bear, once they have said so for ten seconds", () => {
    const { cluster, call, clock } = stage(3, { picker: reportedLoad() });
    const pick = (): string => {
      const lease = cluster.acquire(call());
      // e0 is half in use, e1 and e2 a quarter, at 100 requests a second each.
      lease.reported(report(100, 0, lease.endpoint.id === "e0" ? 0.5 : 0.25), clock.now);
      lease.release(SUCCESS);
      return lease.endpoint.id;
    };
    expect(ids(300, pick)).toEqual({ e0: 100, e1: 100, e2: 100 });
    clock.now += 10_000;
    ids(3, pick);
    clock.now += 1_000;
    const counts = ids(500, pick);
    expect(Math.abs(counts["e0"]! - 100)).toBeLessThanOrEqual(2);
    expect(Math.abs(counts["e1"]! - 200)).toBeLessThanOrEqual(2);
  });

  test("goes by the registry's weights while nobody reports", () => {
    const { cluster, call } = stage(many([1, 3]), { picker: reportedLoad(), callsPerEndpoint: 1_000 });
    const counts = ids(400, () => cluster.acquire(call()).endpoint.id);
    expect(Math.abs(counts["e0"]! - 100)).toBeLessThanOrEqual(2);
  });
});

/** Doubles as protobuf has them, by their numbers, in base64. */
function binary(...fields: readonly (readonly [number: number, value: number])[]): string {
  const bytes = fields.flatMap(([number, value]) => {
    return [(number << 3) | 1, ...new Uint8Array(new Float64Array([value]).buffer)];
  });
  return base64(bytes);
}

function base64(bytes: Iterable<number>): string {
  return Buffer.from([...bytes]).toString("base64");
}
