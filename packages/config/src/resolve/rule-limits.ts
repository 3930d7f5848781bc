import type { AdaptiveKind, RuleLimitsInput } from "../input/limits-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import { type Fields, overlay } from "./merge.ts";
import { numberOf, read } from "./read-fields.ts";
import type { RuleLimitPolicy } from "./service-policy.ts";

/** What bounds the calls of a rule by themselves: what it does not say is as the service has it. */
export interface RuleLimits {
  readonly policy: RuleLimitPolicy;
  readonly fields: Fields;
  readonly findings: readonly Finding[];
}

/** @param above fields of the service @param at path of the rule */
export function ruleLimits(limits: RuleLimitsInput, index: number, above: Fields, at: Path): RuleLimits {
  const fields = overlay(above, { limits }, at);
  const calls = read<number>(fields, "limits.calls");
  const all = numberOf(above, "limits.calls");
  const findings: Finding[] = [];
  if (calls > all) {
    const message = `${calls} is over limits.calls of the service, ${all}, so it is never reached`;
    findings.push({ severity: "warning", path: [...at, "limits", "calls"], message });
  }
  const adaptive = read<AdaptiveKind>(fields, "limits.adaptive");
  return { policy: { name: `rules[${index}]`, calls, adaptive }, fields, findings };
}
