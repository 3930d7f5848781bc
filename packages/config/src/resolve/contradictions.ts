import type { ServicePolicyInput } from "../input/policy-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import { durationMs } from "../input/units.ts";
import { attemptContradictions } from "./attempt-contradictions.ts";
import { grpcContradictions } from "./grpc-contradictions.ts";
import { hashContradictions } from "./hash-contradictions.ts";
import { healthContradictions } from "./health-contradictions.ts";
import { limitContradictions } from "./limit-contradictions.ts";
import type { Fields, Written } from "./merge.ts";
import { outlierContradictions } from "./outlier-contradictions.ts";
import { numberOf, whereWritten } from "./read-fields.ts";
import { reportContradictions } from "./report-contradictions.ts";
import { staticContradictions } from "./static-contradictions.ts";
import { stickyContradictions } from "./sticky-contradictions.ts";
import { tlsContradictions } from "./tls-contradictions.ts";

/** What is written in a service, in `defaults` or in a rule itself. */
type Own = Omit<ServicePolicyInput, "rules">;

/**
 * What is well formed by itself and makes no sense together, judged on the merged fields: two halves of a
 * contradiction may come from different levels. Each is reported where it was written, last where both were.
 *
 * @param at  path of the service or rule, for what only built-in defaults took part in
 * @param own what is written at `at` itself: an inherited hedge ends quietly where retries are turned off
 */
export function contradictions(fields: Fields, at: Path, own: Own): readonly Finding[] {
  const findings: Finding[] = [
    ...grpcContradictions(fields, at, own),
    ...hashContradictions(fields, at, own),
    ...reportContradictions(fields, at, own),
    ...healthContradictions(fields, at, own),
    ...tlsContradictions(fields, at),
    ...stickyContradictions(fields, at, own),
    ...attemptContradictions(fields),
    ...limitContradictions(fields, at, own),
    ...outlierContradictions(fields, at, own),
    ...staticContradictions(fields, at, own),
  ];
  const say = (severity: Finding["severity"], path: Path, message: string) =>
    findings.push({ severity, path, message });

  function notOver(smaller: string, larger: string, why: string): void {
    const [low, high] = [fields.get(smaller), fields.get(larger)];
    if (low === undefined || high === undefined) return;
    if (textMs(high) === 0 && larger.startsWith("timeout.")) return; // 0s is no limit there
    if (textMs(low) <= textMs(high)) return;
    const onSmaller = low.origin.kind === "policy";
    const where = onSmaller ? placeOf(low, at) : placeOf(high, at);
    say(
      "error",
      where,
      onSmaller
        ? `${text(low)} is over ${larger}, ${text(high)}: ${why}`
        : `${text(high)} is under ${smaller}, ${text(low)}: ${why}`,
    );
  }

  notOver("timeout.attempt", "timeout.total", "an attempt ends with its call");
  notOver("timeout.connect", "timeout.total", "a call may not even connect");
  notOver("retry.backoff.base", "retry.backoff.max", "the first pause is the shortest");
  notOver("outliers.baseEjection", "outliers.maxEjection", "the first ejection is the shortest");
  notOver("health.timeout", "health.interval", "checks would overlap");

  const retries = numberOf(fields, "retry.maxRetries") > 0;
  if (retries && numberOf(fields, "retry.budget.ratio") === 0 && numberOf(fields, "retry.budget.minPerSecond") === 0) {
    say(
      "warning",
      lastWritten(fields, ["retry.budget.minPerSecond", "retry.budget.ratio"], at),
      "0 with a ratio of 0 forbids every retry: say retry: off",
    );
  }
  if (own.hedge !== undefined && own.hedge !== "off" && !retries) {
    say(
      "error",
      lastWritten(fields, ["retry.maxRetries", "retry", "hedge.after"], at),
      "hedge is on and retry is off: a hedge is a retry before its time",
    );
  }
  if (fields.get("protocol")?.value === "tcp") {
    const listed = fields.get("retry.on");
    const later = Array.isArray(listed?.value)
      ? listed.value.filter((name) => name !== "never-sent" && name !== "connect-failure")
      : [];
    if (listed?.origin.kind === "policy" && later.length > 0) {
      say(
        "error",
        placeOf(listed, at),
        `${later.join(", ")} cannot be repeated with protocol tcp: only never-sent and connect-failure`,
      );
    }
  }
  if (numberOf(fields, "limits.callsPerEndpoint") > numberOf(fields, "limits.calls")) {
    say(
      "warning",
      lastWritten(fields, ["limits.calls", "limits.callsPerEndpoint"], at),
      "callsPerEndpoint is over calls, so it is never reached",
    );
  }
  return findings;
}

function textMs({ value }: Written): number {
  return durationMs(text({ value }));
}

function text({ value }: Pick<Written, "value">): string {
  return String(value);
}

function placeOf({ origin }: Written, otherwise: Path): Path {
  return origin.kind === "policy" ? origin.path : otherwise;
}

function lastWritten(fields: Fields, paths: readonly string[], otherwise: Path): Path {
  return whereWritten(fields, paths) ?? otherwise;
}
