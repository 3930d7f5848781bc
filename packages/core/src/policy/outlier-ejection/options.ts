export interface OutlierOptions {
  /** Failures in a row that eject, >= 1. Infinity: never. Default 5 (Envoy `consecutive_5xx`, Finagle). */
  readonly consecutiveFailures: number;
  /** Length of the first ejection, in ms, > 0. Default 5,000 (Finagle's shortest; Envoy has 30 s). */
  readonly baseEjectionMs: number;
  /** No ejection is longer, in ms, >= baseEjectionMs. Default 300,000 (Envoy `max_ejection_time`). */
  readonly maxEjectionMs: number;
  /** Share of the members that may be ejected at once, in [0, 1]; one always may. Default 0.5. */
  readonly maxEjectedRatio: number;
}

export const OUTLIER_DEFAULTS: OutlierOptions = {
  consecutiveFailures: 5,
  baseEjectionMs: 5_000,
  maxEjectionMs: 300_000,
  maxEjectedRatio: 0.5,
};
