import type { BalancerInput, SubsetInput, ZonesInput } from "../input/balancer-input.ts";
import type { DiscoverInput, OutliersInput } from "../input/policy-input.ts";
import type { StickyInput } from "../input/sticky-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import type { Fields } from "./merge.ts";
import { listOf, numberOf, whereWritten } from "./read-fields.ts";

/** What is written in a service itself: only that is judged by its list. */
interface Own {
  readonly discover?: DiscoverInput;
  readonly balancer?: BalancerInput;
  readonly outliers?: OutliersInput | "off";
  readonly subset?: SubsetInput | "off";
  readonly zones?: ZonesInput | "off";
  readonly sticky?: StickyInput | "off";
}

/** Points of a ring for each endpoint, below which shares are no shares: they differ by a third of themselves. */
const FEW_POINTS = 10;
/** The same so that the busiest gets no more than a quarter beyond its share. Source: reference 2.6. */
const EVEN_POINTS = 100;
/** Slots of Maglev's table for each endpoint, so that shares differ by 1 %. Source: Maglev, 5.3. */
const FEW_SLOTS = 100;

/**
 * What a list of endpoints shows to be too small, too large, or without effect: how many there are is known before
 * anything runs only where the policy itself lists them.
 *
 * @param at path of the service, where `own` is written
 */
export function staticContradictions(fields: Fields, at: Path, own: Own): readonly Finding[] {
  if (own.discover === undefined || !("static" in own.discover)) return [];
  const count = new Set(own.discover.static).size;
  return [
    ...ejected(fields, at, own, count),
    ...compared(fields, count),
    ...subset(fields, at, own, count),
    ...hashed(at, own, count),
    ...ringed(fields, at, own, count),
    ...zoneless(at, own),
    ...sessionless(at, own, count),
  ];
}

function ejected(fields: Fields, at: Path, { outliers }: Own, count: number): readonly Finding[] {
  if (outliers === undefined || outliers === "off") return [];
  if (count === 1) {
    const message = "the list has one endpoint, which is never ejected: add another, or say outliers: off";
    return [{ severity: "warning", path: [...at, "outliers"], key: true, message }];
  }
  const ratio = outliers.maxEjectedRatio ?? 0;
  if (ratio === 0 || Math.floor(count * ratio) >= 1) return [];
  const message = `${ratio} of ${count} endpoints is less than one, and one always may be ejected: say ${upTo(1 / count)} for one`;
  return [{ severity: "warning", path: [...at, "outliers", "maxEjectedRatio"], message }];
}

/** Tests that ask for more endpoints than there are. */
function compared(fields: Fields, count: number): readonly Finding[] {
  const findings: Finding[] = [];
  const tests = listOf(fields, "outliers.tests");
  const say = (option: string, message: string) => {
    const path = whereWritten(fields, [`outliers.${option}`, "outliers.tests"]);
    if (path !== undefined) findings.push({ severity: "warning", path, message });
  };
  for (const [test, option] of [
    ["success-rate", "successRate"],
    ["failure-percentage", "failurePercentage"],
  ] as const) {
    const least = numberOf(fields, `outliers.${option}.minimumEndpoints`);
    if (tests.includes(test) && least > count)
      say(
        `${option}.minimumEndpoints`,
        `${test} needs ${least} endpoints to compare, and the list has ${count}: it never ejects; lower minimumEndpoints, or take relative`,
      );
  }
  // One that differs among n is sqrt(n - 1) deviations off, however bad it is.
  const deviations = numberOf(fields, "outliers.successRate.deviations");
  const enough = numberOf(fields, "outliers.successRate.minimumEndpoints") <= count;
  if (tests.includes("success-rate") && enough && deviations >= Math.sqrt(count - 1))
    say(
      "successRate.deviations",
      `among ${count} endpoints none can be ${deviations} deviations below the mean: success-rate never ejects; lower deviations, or take relative`,
    );
  return findings;
}

function subset(fields: Fields, at: Path, { subset: asked }: Own, count: number): readonly Finding[] {
  if (asked === undefined || asked === "off") return [];
  const findings: Finding[] = [];
  const path = [...at, "subset"];
  if (typeof asked.size === "number" && asked.size >= count) {
    const message = `${asked.size} of a list of ${count} is all of it: leave it out, or lower it`;
    findings.push({ severity: "warning", path: [...path, "size"], message });
  }
  if (Object.keys(asked.labels ?? {}).length > 0) {
    const any = fields.get("subset.fallback")?.value === "any";
    const what = any ? "all are used, by fallback" : "none is ever used";
    const message = `the endpoints of a list have no labels, so ${what}: keep them in a registry, or leave labels out`;
    findings.push({ severity: any ? "warning" : "error", path: [...path, "labels"], message });
  }
  return findings;
}

function hashed(at: Path, { balancer = {} }: Own, count: number): readonly Finding[] {
  const findings: Finding[] = [];
  const judge = (path: readonly string[], most: number | undefined, few: number, what: string) => {
    if (most === undefined || most >= few * count) return;
    const none = most < count;
    const message = `${most} ${what} for ${count} endpoints: ${none ? "some get no calls" : "their shares are far from even"}, so say ${few * count} at least`;
    findings.push({ severity: none ? "error" : "warning", path: [...at, "balancer", ...path], message });
  };
  judge(["ring", "max"], balancer.ring?.max, FEW_POINTS, "points");
  judge(["slots"], balancer.slots, FEW_SLOTS, "slots");
  return findings;
}

/** A ring has at least `ring.min` points, however many endpoints there are. */
function ringed(fields: Fields, at: Path, { balancer = {} }: Own, count: number): readonly Finding[] {
  const { ring = {} } = balancer;
  const least = numberOf(fields, "balancer.ring.min");
  const judged = balancer.kind === "ring-hash" && (ring.max === undefined || ring.max >= FEW_POINTS * count);
  if (!judged || least >= EVEN_POINTS * count) return [];
  const path = [...at, "balancer", ...(ring.min === undefined ? ["kind"] : ["ring", "min"])];
  const message = `a ring of ${least} points for ${count} endpoints: shares are uneven, so say ring.min: ${EVEN_POINTS * count}, or take maglev`;
  return [{ severity: "warning", path, message }];
}

function zoneless(at: Path, { zones }: Own): readonly Finding[] {
  if (zones === undefined || zones === "off") return [];
  const message =
    "the endpoints of a list are in no zone, so zones do not count: keep them in a registry, or say zones: off";
  return [{ severity: "warning", path: [...at, "zones"], key: true, message }];
}

function sessionless(at: Path, { sticky }: Own, count: number): readonly Finding[] {
  if (sticky === undefined || sticky === "off" || count > 1) return [];
  const message = "the list has one endpoint, which gets every call anyhow: add another, or say sticky: off";
  return [{ severity: "warning", path: [...at, "sticky"], key: true, message }];
}

/** A ratio with three decimals, not below what it was. */
function upTo(ratio: number): number {
  return Math.ceil(ratio * 1_000) / 1_000;
}
