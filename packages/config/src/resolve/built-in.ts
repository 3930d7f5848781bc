import {
  ADMISSION_DEFAULTS,
  BACKOFF_DEFAULTS,
  BREAKER_DEFAULTS,
  FAILURE_PERCENTAGE_DEFAULTS,
  LATENCY_OUTLIER_DEFAULTS,
  MAGLEV_SLOTS,
  OUTLIER_DEFAULTS,
  RETRY_BUDGET_DEFAULTS,
  RETRY_CAP_DEFAULTS,
  RETRY_DEFAULTS,
  RING_SIZE,
  SUCCESS_RATE_DEFAULTS,
  ZONE_SPILL_DEFAULTS,
} from "@weft/core";
import { durationText } from "../input/units.ts";

/** What a field is when nobody sets it, as it would be written in a file, and who says so. */
export interface BuiltIn {
  readonly value: unknown;
  readonly source: string;
}

/** The agent's usual address. Source: Consul, `ports.http`. */
export const CONSUL_URL = "http://127.0.0.1:8500";

/**
 * The built-in default of every field of a service, by its path. Numbers that core knows come from core, so that a
 * mesh without a policy and one with an empty policy do the same.
 */
export const BUILT_IN: Readonly<Record<string, BuiltIn>> = {
  protocol: { value: "auto", source: "weft" },
  "tls.verify": { value: true, source: "Node" },
  "balancer.kind": { value: "peak-ewma", source: "weft, by simulation" },
  "balancer.ring.min": { value: RING_SIZE.min, source: "Envoy" },
  "balancer.ring.max": { value: RING_SIZE.max, source: "weft" },
  "balancer.ring.hash": { value: "xxh64", source: "Envoy" },
  "balancer.slots": { value: MAGLEV_SLOTS, source: "Envoy" },
  "balancer.reportsWeigh": { value: false, source: "weft" },
  "subset.fallback": { value: "none", source: "Envoy" },
  "subset.size": { value: "auto", source: "weft" },
  "zones.spill.latencyFactor": { value: ZONE_SPILL_DEFAULTS.latencyFactor, source: "weft" },
  "zones.spill.healthyRatio": { value: ZONE_SPILL_DEFAULTS.healthyRatio, source: "weft" },
  "sticky.cookie.ttl": { value: "0s", source: "Envoy" },
  "sticky.cookie.path": { value: "/", source: "Traefik" },
  "sticky.cookie.secure": { value: false, source: "Traefik" },
  "sticky.cookie.httpOnly": { value: true, source: "Envoy" },
  "sticky.cookie.sameSite": { value: "lax", source: "RFC 6265bis" },
  "sticky.onUnavailable": { value: "move", source: "Envoy" },
  "timeout.total": { value: "15s", source: "Envoy; none in the SDK" },
  "timeout.attempt": { value: "0s", source: "Envoy" },
  "timeout.connect": { value: "1s", source: "Linkerd" },
  "timeout.idle": { value: "5m", source: "Envoy" },
  "retry.maxRetries": { value: RETRY_DEFAULTS.maxRetries, source: "Envoy" },
  "retry.on": { value: [...RETRY_DEFAULTS.on], source: "weft" },
  "retry.budget.ratio": { value: RETRY_BUDGET_DEFAULTS.ratio, source: "Finagle" },
  "retry.budget.minPerSecond": { value: RETRY_BUDGET_DEFAULTS.minPerSecond, source: "Finagle" },
  "retry.budget.concurrentRatio": { value: RETRY_CAP_DEFAULTS.concurrentRatio, source: "Envoy" },
  "retry.budget.minConcurrent": { value: RETRY_CAP_DEFAULTS.minConcurrent, source: "weft, by trial; Envoy has 3" },
  "retry.backoff.base": { value: durationText(BACKOFF_DEFAULTS.baseMs), source: "Envoy" },
  "retry.backoff.max": { value: durationText(BACKOFF_DEFAULTS.maxMs), source: "Envoy" },
  "retry.bufferBytes": { value: "64KiB", source: "weft" },
  "retry.retryAfter.max": { value: durationText(RETRY_DEFAULTS.maxRetryAfterMs), source: "weft" },
  "hedge.after": { value: "p95", source: "weft" },
  "hedge.maxExtraRatio": { value: 0.05, source: "weft" },
  "breaker.failureRatio": { value: BREAKER_DEFAULTS.failureRatio, source: "weft" },
  "breaker.minimumCalls": { value: BREAKER_DEFAULTS.minimumCalls, source: "weft" },
  "breaker.window": { value: durationText(BREAKER_DEFAULTS.windowMs), source: "weft" },
  "breaker.coolDown": { value: durationText(BREAKER_DEFAULTS.coolDownMs), source: "weft" },
  "outliers.consecutiveFailures": { value: OUTLIER_DEFAULTS.consecutiveFailures, source: "Envoy, Finagle" },
  "outliers.baseEjection": { value: durationText(OUTLIER_DEFAULTS.baseEjectionMs), source: "Finagle" },
  "outliers.maxEjection": { value: durationText(OUTLIER_DEFAULTS.maxEjectionMs), source: "Envoy" },
  "outliers.maxEjectedRatio": { value: OUTLIER_DEFAULTS.maxEjectedRatio, source: "weft" },
  "outliers.tests": { value: ["relative"], source: "weft" },
  "outliers.observe": { value: [], source: "weft" },
  "outliers.successRate.minimumEndpoints": { value: SUCCESS_RATE_DEFAULTS.minimumEndpoints, source: "Envoy" },
  "outliers.successRate.minimumAttempts": { value: SUCCESS_RATE_DEFAULTS.minimumAttempts, source: "Envoy" },
  "outliers.successRate.deviations": { value: SUCCESS_RATE_DEFAULTS.deviations, source: "Envoy" },
  "outliers.failurePercentage.threshold": { value: FAILURE_PERCENTAGE_DEFAULTS.threshold, source: "Envoy" },
  "outliers.failurePercentage.minimumEndpoints": {
    value: FAILURE_PERCENTAGE_DEFAULTS.minimumEndpoints,
    source: "Envoy",
  },
  "outliers.failurePercentage.minimumAttempts": { value: FAILURE_PERCENTAGE_DEFAULTS.minimumAttempts, source: "Envoy" },
  "outliers.latency.factor": { value: LATENCY_OUTLIER_DEFAULTS.factor, source: "weft" },
  "outliers.latency.atLeast": { value: durationText(LATENCY_OUTLIER_DEFAULTS.atLeastMs), source: "weft" },
  "outliers.latency.minimumAttempts": { value: LATENCY_OUTLIER_DEFAULTS.minimumAttempts, source: "weft" },
  "limits.connections": { value: 1_024, source: "Envoy" },
  "limits.pending": { value: 1_024, source: "Envoy" },
  "limits.calls": { value: 1_024, source: "Envoy" },
  "limits.callsPerEndpoint": { value: 256, source: "weft" },
  "limits.adaptive": { value: "off", source: "weft" },
  "limits.adaptivePerEndpoint": { value: "off", source: "weft" },
  "rateLimit.perSecond": { value: 1_000, source: "weft" },
  "admission.successRatio": { value: ADMISSION_DEFAULTS.successRatio, source: "Envoy" },
  "admission.aggression": { value: ADMISSION_DEFAULTS.aggression, source: "Envoy" },
  "admission.maxRefusedRatio": { value: ADMISSION_DEFAULTS.maxRefusedRatio, source: "Envoy" },
  "admission.minPerSecond": { value: ADMISSION_DEFAULTS.minPerSecond, source: "weft" },
  "admission.window": { value: durationText(ADMISSION_DEFAULTS.windowMs), source: "Envoy" },
  "health.http": { value: "/healthz", source: "weft" },
  "health.interval": { value: "2s", source: "weft" },
  "health.timeout": { value: "1s", source: "weft" },
  "health.failAfter": { value: 3, source: "weft" },
  "health.passAfter": { value: 2, source: "weft" },
  keepAlive: { value: "30s", source: "Kubernetes" },
};

/** Parts that can be turned off, and whether they are on when nobody speaks of them. */
export const PARTS: Readonly<Record<string, { readonly on: boolean }>> = {
  tls: { on: false },
  subset: { on: true },
  zones: { on: true },
  sticky: { on: false },
  retry: { on: true },
  hedge: { on: false },
  breaker: { on: false },
  outliers: { on: true },
  rateLimit: { on: false },
  admission: { on: false },
  health: { on: false },
  slowStart: { on: false },
  keepAlive: { on: true },
};
