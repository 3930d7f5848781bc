import type { InboundPolicy, ServicePolicy } from "@weft/config";
import { RETRY_BUDGET_DEFAULTS, RETRY_CAP_DEFAULTS, RETRY_DEFAULTS, type RetryCondition } from "@weft/core";

/** The app's name among services: none of a policy or a registry has parentheses. */
export const APP = "(app)";

/** Failures after which the app cannot have seen the request, or can have seen it without harm: see `decideRetry`. */
const RETRIED: ReadonlySet<RetryCondition> = new Set(["never-sent", "connect-failure", "stale-connection"]);
const REPLAY_BYTES = 64 * 1024;

/**
 * How the app next to the sidecar is called: one endpoint, never ejected, within the limits and times of `inbound`.
 *
 * Only what never reached the app is tried again: whoever calls from outside has retries of its own, and two layers
 * that retry multiply.
 */
export function appPolicy(inbound: InboundPolicy, address: string, defaults: ServicePolicy): ServicePolicy {
  const { limits, timeouts } = inbound;
  return {
    ...defaults,
    discover: { kind: "static", addresses: [address] },
    protocol: inbound.protocol,
    tls: undefined, // it listens on this machine, for us
    balancer: "first",
    reportsWeigh: false,
    hashing: { ...defaults.hashing, on: [] },
    subset: undefined,
    zones: undefined,
    sticky: undefined,
    timeout: {
      totalMs: Number.POSITIVE_INFINITY,
      attemptMs: timeouts.totalMs, // up to the head of the response, as `inbound.timeouts.total` says
      connectMs: timeouts.connectMs,
      idleMs: timeouts.bodyMs,
    },
    retry: {
      options: { ...RETRY_DEFAULTS, on: RETRIED },
      budget: RETRY_BUDGET_DEFAULTS,
      cap: RETRY_CAP_DEFAULTS,
      bufferBytes: REPLAY_BYTES,
      methods: undefined,
    },
    hedge: undefined,
    breaker: undefined,
    outliers: { ...defaults.outliers, consecutiveFailures: Number.POSITIVE_INFINITY },
    limits: {
      connections: limits.calls,
      pending: limits.calls,
      calls: limits.calls,
      callsPerEndpoint: Number.POSITIVE_INFINITY,
      adaptive: limits.adaptive,
      shares: limits.shares,
      adaptivePerEndpoint: "off", // there is one, and `adaptive` is its limit
    },
    rateLimit: undefined,
    admission: undefined,
    health: undefined,
    slowStartMs: 0,
    rules: [],
  };
}
