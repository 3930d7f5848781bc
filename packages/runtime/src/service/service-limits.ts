import { isDeepStrictEqual } from "node:util";
import type { ServicePolicy } from "@weft/config";
import { admissionControl, type AdmissionControl, ConcurrencyLimit, type Random, TokenBucket } from "@weft/core";
import { type Adaptive, adaptiveRuleOf } from "./adaptive-rules.ts";

/** What bounds the calls of one service. What a new policy leaves as it was keeps what it has learned. */
export class ServiceLimits {
  /** `limits.calls` */
  readonly calls: ConcurrencyLimit;
  /** `limits.connections`, over all endpoints. */
  readonly connections: ConcurrencyLimit;
  rate: TokenBucket | undefined;
  admission: AdmissionControl | undefined;
  adaptive: Adaptive | undefined;
  readonly #random: Random;

  constructor(policy: ServicePolicy, random: Random) {
    const { limits, rateLimit, admission } = policy;
    this.#random = random;
    this.calls = new ConcurrencyLimit("limits.calls", limits.calls);
    this.calls.shares = limits.shares;
    this.connections = new ConcurrencyLimit("limits.connections", limits.connections);
    this.rate = rateLimit && new TokenBucket(rateLimit);
    this.admission = admission && admissionControl(admission);
    this.#learn(policy);
  }

  configure(before: ServicePolicy, policy: ServicePolicy): void {
    const { limits, rateLimit, admission } = policy;
    this.connections.most = limits.connections;
    this.calls.shares = limits.shares;
    if (!isDeepStrictEqual(before.rateLimit, rateLimit)) this.rate = rateLimit && new TokenBucket(rateLimit);
    if (!isDeepStrictEqual(before.admission, admission)) this.admission = admission && admissionControl(admission);
    if (before.limits.adaptive !== limits.adaptive || before.limits.calls !== limits.calls) this.#learn(policy);
  }

  /** The limit stands still, or begins to learn. */
  #learn({ limits }: ServicePolicy): void {
    const rule = adaptiveRuleOf(limits.adaptive, limits.calls, this.#random);
    this.adaptive = rule && { rule, most: limits.calls };
    this.calls.learns = rule !== undefined;
    this.calls.most = rule === undefined ? limits.calls : Math.min(limits.calls, rule.limit);
  }
}
