import { isDeepStrictEqual } from "node:util";
import type { AdaptiveKind, ServicePolicy } from "@weft/config";
import {
  type AdaptiveRule,
  admissionControl,
  type AdmissionControl,
  ConcurrencyLimit,
  gradient,
  gradient2,
  type Random,
  TokenBucket,
  vegas,
} from "@weft/core";

/** The fewest calls at once that a limit learns. Source: Netflix; for `gradient` Envoy. */
const LEAST = { gradient2: 20, vegas: 20, gradient: 3 } as const;

/** What bounds the calls of one service. What a new policy leaves as it was keeps what it has learned. */
export class ServiceLimits {
  /** `limits.calls` */
  readonly calls: ConcurrencyLimit;
  /** `limits.connections`, over all endpoints. */
  readonly connections: ConcurrencyLimit;
  rate: TokenBucket | undefined;
  admission: AdmissionControl | undefined;
  adaptive: { readonly rule: AdaptiveRule; readonly most: number } | undefined;
  readonly #random: Random;

  constructor(policy: ServicePolicy, random: Random) {
    const { limits, rateLimit, admission } = policy;
    this.#random = random;
    this.calls = new ConcurrencyLimit("limits.calls", limits.calls);
    this.connections = new ConcurrencyLimit("limits.connections", limits.connections);
    this.rate = rateLimit && new TokenBucket(rateLimit);
    this.admission = admission && admissionControl(admission);
    this.#learn(policy);
  }

  configure(before: ServicePolicy, policy: ServicePolicy): void {
    const { limits, rateLimit, admission } = policy;
    this.connections.most = limits.connections;
    if (!isDeepStrictEqual(before.rateLimit, rateLimit)) this.rate = rateLimit && new TokenBucket(rateLimit);
    if (!isDeepStrictEqual(before.admission, admission)) this.admission = admission && admissionControl(admission);
    if (before.limits.adaptive !== limits.adaptive || before.limits.calls !== limits.calls) this.#learn(policy);
  }

  /** The limit stands still, or begins to learn. */
  #learn({ limits }: ServicePolicy): void {
    const rule = ruleOf(limits.adaptive, limits.calls, this.#random);
    this.adaptive = rule && { rule, most: limits.calls };
    this.calls.learns = rule !== undefined;
    this.calls.most = rule === undefined ? limits.calls : Math.min(limits.calls, rule.limit);
  }
}

function ruleOf(kind: AdaptiveKind, max: number, random: Random): AdaptiveRule | undefined {
  switch (kind) {
    case "off":
      return undefined;
    case "gradient2":
      return gradient2({ min: Math.min(LEAST[kind], max), max });
    case "vegas":
      return vegas(random, { min: Math.min(LEAST[kind], max), max });
    case "gradient":
      return gradient({ min: Math.min(LEAST[kind], max), max });
    default:
      return kind satisfies never;
  }
}
