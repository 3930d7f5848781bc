/** Bounds of a ring's size, in points. */
export interface RingSize {
  /** At least so many, 1 to 8,388,608. Default 1,024 (Envoy). */
  readonly min: number;
  /** At most so many, from `min` to 8,388,608. */
  readonly max: number;
}

/**
 * How many points each endpoint has on Envoy's ring.
 *
 *   scale = min(ceil(least share * min) / least share, max)
 *
 * Each has `scale * share` of them, rounded so that the sum keeps up: all in proportion, unless `max` is in the way.
 * Source: Envoy ring_hash_lb.cc; reference 2.5.
 */
export function ringCounts(weights: readonly number[], { min, max }: RingSize): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const least = weights.reduce((a, b) => Math.min(a, b)) / total;
  const scale = Math.min(Math.ceil(least * min) / least, max);
  let wanted = 0;
  let given = 0;
  return weights.map((weight) => {
    wanted += scale * (weight / total);
    const count = Math.max(0, Math.ceil(wanted - given));
    given += count;
    return count;
  });
}
