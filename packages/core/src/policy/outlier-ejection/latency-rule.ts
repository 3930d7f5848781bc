export interface LatencyOutlierOptions {
  /** So many times what is typical of the others, > 1. Default 5. */
  readonly factor: number;
  /** And so much longer at least, in ms, >= 0. Default 100. */
  readonly atLeastMs: number;
  /** Attempts in ten seconds that are needed to say so, >= 1. Default 20. */
  readonly minimumAttempts: number;
}

/** Source: weft's own; reference 2.9, complaint 13: no anchor ejects by latency. */
export const LATENCY_OUTLIER_DEFAULTS: LatencyOutlierOptions = { factor: 5, atLeastMs: 100, minimumAttempts: 20 };

/**
 * Whether an endpoint answers much slower than the others.
 *
 * @param latencyMs  of the endpoint, as the balancer measures it
 * @param othersMs   of the other endpoints, those that have been measured
 * @param attempts   at the endpoint, in the last ten seconds
 */
export function isSlow(
  latencyMs: number,
  othersMs: readonly number[],
  attempts: number,
  { factor, atLeastMs, minimumAttempts }: LatencyOutlierOptions = LATENCY_OUTLIER_DEFAULTS,
): boolean {
  if (attempts < minimumAttempts || othersMs.length === 0) return false;
  const median = othersMs.toSorted((a, b) => a - b)[Math.floor((othersMs.length - 1) / 2)]!; // there is one at least
  return latencyMs > median * factor && latencyMs > median + atLeastMs;
}
