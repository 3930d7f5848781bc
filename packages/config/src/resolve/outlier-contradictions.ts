import type { OutlierTest } from "@weft/core";
import type { OutliersInput } from "../input/policy-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import type { Fields } from "./merge.ts";
import { listOf } from "./read-fields.ts";

/** The options of a test, where it has any. */
const OPTIONS: readonly (readonly [option: keyof OutliersInput, test: OutlierTest])[] = [
  ["successRate", "success-rate"],
  ["failurePercentage", "failure-percentage"],
  ["latency", "latency"],
];

/**
 * Options of `outliers` that have no effect, or another than it seems. What is inherited is not judged: a service may
 * make other tests than the defaults do.
 *
 * @param at path of the service, where `own` is written
 */
export function outlierContradictions(
  fields: Fields,
  at: Path,
  { outliers }: { readonly outliers?: OutliersInput | "off" },
): readonly Finding[] {
  if (outliers === undefined || outliers === "off") return [];
  const findings: Finding[] = [];
  const say = (field: string, message: string) =>
    findings.push({ severity: "warning", path: [...at, "outliers", field], message });
  const tests = listOf(fields, "outliers.tests");
  const idle = outliers.observe?.filter((test) => !tests.includes(test)) ?? [];
  if (idle.length > 0) say("observe", `${idle.join(", ")}: not made, so there is nothing to report; add it to tests`);
  for (const [option, test] of OPTIONS) {
    if (outliers[option] !== undefined && !tests.includes(test))
      say(option, `means nothing without the test: add ${test} to tests`);
  }
  if (outliers.maxEjectedRatio === 0)
    say("maxEjectedRatio", "0 is not off: one endpoint always may be ejected; say outliers: off");
  return findings;
}
