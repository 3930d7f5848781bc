import type { FailurePercentageOptions } from "./failure-percentage-rule.ts";
import type { LatencyOutlierOptions } from "./latency-rule.ts";
import type { SuccessRateOptions } from "./success-rate-rule.ts";

/** The tests that compare endpoints, by name. */
export type OutlierTest = "relative" | "success-rate" | "failure-percentage" | "latency";

export interface OutlierOptions {
  /** Failures in a row that eject, >= 1. Infinity: never. Default 5 (Envoy `consecutive_5xx`, Finagle). */
  readonly consecutiveFailures: number;
  /** Of the first ejection, in ms, > 0; longer for what has been failing for longer. Default 5,000 (Finagle; Envoy 30 s). */
  readonly baseEjectionMs: number;
  /** No ejection is longer, but for the up to 20 % by chance, in ms, >= baseEjectionMs. Default 300,000 (Envoy `max_ejection_time`). */
  readonly maxEjectionMs: number;
  /** Share of the members that may be ejected at once, in [0, 1]; one always may. Default 0.5. */
  readonly maxEjectedRatio: number;
  /** Ejects what fails more than the others do, beyond chance. Default true. */
  readonly relative: boolean;
  /** Envoy's test of success rates; undefined: off. */
  readonly successRate: SuccessRateOptions | undefined;
  /** Envoy's test of a share of failures; undefined: off. */
  readonly failurePercentage: FailurePercentageOptions | undefined;
  /** Ejects what answers much slower than the others; undefined: off. */
  readonly latency: LatencyOutlierOptions | undefined;
  /** Tests that only report what they would have done. */
  readonly observed: readonly OutlierTest[];
}

export const OUTLIER_DEFAULTS: OutlierOptions = {
  consecutiveFailures: 5,
  baseEjectionMs: 5_000,
  maxEjectionMs: 300_000,
  maxEjectedRatio: 0.5,
  relative: true,
  successRate: undefined,
  failurePercentage: undefined,
  latency: undefined,
  observed: [],
};
