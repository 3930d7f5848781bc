import { isDeepStrictEqual } from "node:util";
import type { CallPolicy, Rule, RuleLimitPolicy, ServicePolicy } from "@weft/config";
import { ConcurrencyLimit, type Random } from "@weft/core";
import { type Adaptive, adaptiveRuleOf } from "./adaptive-rules.ts";

/** What bounds the calls that match one rule, beside what bounds all calls of the service. */
export interface RouteLimit {
  readonly calls: ConcurrencyLimit;
  /** Undefined: it does not learn. */
  readonly adaptive: Adaptive | undefined;
}

/** By the policy of the rule; a rule without limits has none. */
export type RouteLimits = ReadonlyMap<CallPolicy, RouteLimit>;

/** One for each rule that has limits. Those that are as before keep what runs and what was learned. */
export function routeLimitsOf(
  policy: ServicePolicy,
  random: Random,
  before?: ServicePolicy,
  known?: RouteLimits,
): RouteLimits {
  const made = new Map<CallPolicy, RouteLimit>();
  policy.rules.forEach((rule, i) => {
    const { ruleLimits } = rule.policy;
    if (ruleLimits === undefined) return;
    const earlier = before?.rules[i];
    const same = earlier !== undefined && isDeepStrictEqual(limitedBy(earlier), limitedBy(rule));
    made.set(rule.policy, (same ? known?.get(earlier.policy) : undefined) ?? routeLimit(ruleLimits, random));
  });
  return made;
}

/** Whose calls, and by what. */
function limitedBy({ when, policy: { ruleLimits } }: Rule): unknown {
  return { when, ruleLimits };
}

function routeLimit({ name, calls: most, adaptive: kind }: RuleLimitPolicy, random: Random): RouteLimit {
  const calls = new ConcurrencyLimit(`${name}.limits.calls`, most);
  const rule = adaptiveRuleOf(kind, most, random);
  calls.learns = rule !== undefined;
  if (rule !== undefined) calls.most = Math.min(most, rule.limit);
  return { calls, adaptive: rule && { rule, most } };
}
