/** Weight of the failure ratio against latency. Source: reference 2.4a, measured at 2, 20 and 400 ms services. */
const FAILURE_WEIGHT = 150;

/**
 * What sending one more attempt to an endpoint costs; the lowest wins. Has no unit.
 *
 *   ((m / typical)^2 + 150 * f^2) * (p + 1) / w
 *
 * @param latencyMs  m: its peak latency, or the age of its oldest attempt without an answer when that is more
 * @param typicalMs  what an answer takes in this cluster, > 0
 * @param failures   f: share of attempts that fail, in [0, 1]
 * @param pending    p: attempts it has now
 * @param weight     w > 0
 */
export function cost(latencyMs: number, typicalMs: number, failures: number, pending: number, weight: number): number {
  const slowness = latencyMs / typicalMs;
  return ((slowness * slowness + FAILURE_WEIGHT * failures * failures) * (pending + 1)) / weight;
}
