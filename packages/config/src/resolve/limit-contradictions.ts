import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import type { Fields } from "./merge.ts";
import { msOf, numberOf, textOf, whereWritten } from "./read-fields.ts";
import { sharesOf, whyNoShares } from "./shares.ts";

/** Parts that both refuse calls, and what is said of them together. */
interface Own {
  readonly breaker?: unknown;
  readonly rateLimit?: unknown;
  readonly admission?: unknown;
  readonly limits?: { readonly adaptive?: unknown; readonly shares?: unknown };
}

/**
 * Two of the rules that refuse calls, where one takes away what the other goes by.
 *
 * @param at path of the service, where `own` is written; what is inherited whole is told where it was written
 */
export function limitContradictions(fields: Fields, at: Path, own: Own): readonly Finding[] {
  const findings: Finding[] = [];
  const say = (part: readonly string[], message: string) =>
    findings.push({ severity: "warning", path: [...at, ...part], key: part.length === 1, message });
  const on = {
    rate: fields.has("rateLimit.perSecond"),
    admission: fields.has("admission.successRatio"),
    breaker: fields.has("breaker.failureRatio"),
  };

  const adaptive = textOf(fields, "limits.adaptive");
  if (on.rate && adaptive !== "off") {
    const written = own.limits?.adaptive !== undefined ? ["limits", "adaptive"] : ["rateLimit"];
    if (own.limits?.adaptive !== undefined || own.rateLimit !== undefined)
      say(
        written,
        `both refuse calls: rateLimit beyond ${textOf(fields, "rateLimit.perSecond")} a second, whatever the endpoints could take; limits.adaptive beyond what they answer in time, whatever the rate. Keep rateLimit only where a rate was agreed on`,
      );
  }
  if (on.admission && on.breaker && (own.admission !== undefined || own.breaker !== undefined))
    say(
      [own.admission !== undefined ? "admission" : "breaker"],
      `both refuse calls of a service that fails: admission a share of them, below ${percent(fields, "admission.successRatio")} successes; breaker all of them, from ${percent(fields, "breaker.failureRatio")} failures on, and it does not see what admission refused. Keep one, admission for overload, or breaker for a service that is down`,
    );
  if (on.rate) findings.push(...starved(fields));
  const tooMuch = whyNoShares(sharesOf((name) => numberOf(fields, `limits.shares.${name}`)));
  if (tooMuch !== undefined && own.limits?.shares !== undefined)
    findings.push({ severity: "error", path: [...at, "limits", "shares"], message: tooMuch });
  return findings;
}

/** What waits for more calls than the rate lets through. */
function starved(fields: Fields): readonly Finding[] {
  const perSecond = numberOf(fields, "rateLimit.perSecond");
  const burst = numberOf(fields, "rateLimit.burst") || Math.max(1, perSecond);
  const most = Math.floor(burst + (perSecond * msOf(fields, "breaker.window")) / 1_000);
  const findings: Finding[] = [];
  const say = (field: string, message: string) => {
    const path = whereWritten(fields, [field, "rateLimit.perSecond", "rateLimit.burst"]);
    if (path !== undefined) findings.push({ severity: "warning", path, message });
  };
  const minimum = numberOf(fields, "breaker.minimumCalls");
  if (minimum > most)
    say(
      "breaker.minimumCalls",
      `the breaker waits for ${minimum} calls in ${textOf(fields, "breaker.window")}, and rateLimit lets ${most} through: it never trips, so set breaker.minimumCalls to ${Math.max(1, most)} at most`,
    );
  const least = numberOf(fields, "admission.minPerSecond");
  if (least > perSecond)
    say(
      "admission.minPerSecond",
      `admission begins at ${least} calls a second, and rateLimit lets ${perSecond} through: it never refuses, so set admission.minPerSecond below that`,
    );
  return findings;
}

function percent(fields: Fields, path: string): string {
  return `${Number((numberOf(fields, path) * 100).toFixed(2))} %`;
}
