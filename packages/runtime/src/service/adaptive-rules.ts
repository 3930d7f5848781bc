import type { AdaptiveKind } from "@weft/config";
import { type AdaptiveRule, type EndpointLimit, gradient, gradient2, type Random, vegas } from "@weft/core";

/** The fewest calls at once that a limit learns. Source: Netflix; for `gradient` Envoy. */
const LEAST = { gradient2: 20, vegas: 20, gradient: 3 } as const;
/** The same at one endpoint, where each caller has its own limit: ten callers with 20 each would bound nothing. */
const LEAST_AT_ENDPOINT = { gradient2: 4, vegas: 4, gradient: 3 } as const;

/** A rule that learns, and the most that it may. */
export interface Adaptive {
  readonly rule: AdaptiveRule;
  readonly most: number;
}

/** How the limit of a service, or of those of its calls that match a rule, is learned; undefined: it is not. */
export function adaptiveRuleOf(kind: AdaptiveKind, most: number, random: Random): AdaptiveRule | undefined {
  return kind === "off" ? undefined : ruleOf(kind, LEAST, most, random);
}

/** The same of each endpoint. */
export function endpointLimitOf(kind: AdaptiveKind, most: number, random: Random): EndpointLimit | undefined {
  return kind === "off" ? undefined : { kind, most, rule: () => ruleOf(kind, LEAST_AT_ENDPOINT, most, random) };
}

function ruleOf(
  kind: Exclude<AdaptiveKind, "off">,
  least: typeof LEAST | typeof LEAST_AT_ENDPOINT,
  max: number,
  random: Random,
): AdaptiveRule {
  switch (kind) {
    case "auto":
    case "gradient2":
      return gradient2({ min: Math.min(least.gradient2, max), max });
    case "vegas":
      return vegas(random, { min: Math.min(least.vegas, max), max });
    case "gradient":
      return gradient({ min: Math.min(least.gradient, max), max });
    default:
      return kind satisfies never;
  }
}
