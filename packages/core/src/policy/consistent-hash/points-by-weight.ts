/** So many points a ring has at most, or one for each endpoint: 1.5 MiB, built in a tenth of a second. */
const MOST_POINTS = 2 ** 17;

/**
 * How many points endpoints have on a ring when each has its own number, whoever else is there.
 *
 *   points = max(1, round(perWeight * weight)), all scaled down together when they would be over 2^17
 *
 * That is what makes the share of one that goes all that moves. A ring of a fixed size gives the others more points
 * then, and takes keys from some of them.
 */
export function pointsByWeight(weights: readonly number[], perWeight: number): number[] {
  const wanted = weights.reduce((sum, weight) => sum + weight, 0) * perWeight;
  const scale = perWeight * Math.min(1, MOST_POINTS / wanted);
  return weights.map((weight) => Math.max(1, Math.round(weight * scale)));
}
