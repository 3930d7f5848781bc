/** The greatest weight of a schedule. Source: grpc-go. */
const MOST = 65_535;

/**
 * Whole weights up to 65,535, in proportion to those given; one that is 0, unknown, counts as the mean of the others.
 *
 * @param weights >= 0, one above 0 at least
 */
export function strideWeights(weights: ArrayLike<number>): Uint16Array {
  let most = 0;
  let sum = 0;
  let known = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    most = Math.max(most, weight);
    sum += weight;
    known++;
  }
  const mean = Math.round((sum / known / most) * MOST);
  // A weight that rounds to nothing keeps one turn in 65,535: else nothing more is learned of its endpoint.
  return Uint16Array.from(weights, (weight) => (weight === 0 ? mean : Math.max(1, Math.round((weight / most) * MOST))));
}

/**
 * Whether an index has its turn, of those who come round again and again in order.
 *
 *   it has   when (weight * round + index * 32,767) mod 65,535 >= 65,535 - weight
 *
 * So one of half the greatest weight has every second turn, and those of one weight do not have theirs together. Needs
 * no state but a counter: weights may change at any time. Source: grpc-go weightedroundrobin/scheduler.go; reference
 * 2.2 (c).
 *
 * @param turn counts up from 0, over all indices
 */
export function hasTurn(weights: Uint16Array, turn: number): boolean {
  const index = turn % weights.length;
  const round = Math.floor(turn / weights.length);
  const weight = weights[index]!;
  return (weight * round + index * Math.floor(MOST / 2)) % MOST >= MOST - weight;
}
