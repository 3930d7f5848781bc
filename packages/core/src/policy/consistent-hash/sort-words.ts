/**
 * The order in which words of 64 bits ascend; equal ones stay as they were.
 *
 * By radix, eight bits at a time: a ring has up to millions of words, and a comparison would call back for each two.
 *
 * @param high upper halves
 * @param low lower halves of the same words
 * @returns the index of the smallest, then of the next, ...
 */
export function ascending(high: Uint32Array, low: Uint32Array): Uint32Array {
  let order = new Uint32Array(high.length);
  let next = new Uint32Array(high.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (const half of [low, high]) {
    for (let shift = 0; shift < 32; shift += 8) {
      deal(order, next, half, shift);
      [order, next] = [next, order];
    }
  }
  return order;
}

/** Puts `from` into `to`, by these eight bits of their words. */
function deal(from: Uint32Array, to: Uint32Array, words: Uint32Array, shift: number): void {
  const places = new Uint32Array(257);
  for (const word of words) places[((word >>> shift) & 0xff) + 1]!++;
  for (let digit = 1; digit <= 256; digit++) places[digit]! += places[digit - 1]!;
  for (const index of from) to[places[(words[index]! >>> shift) & 0xff]!++] = index;
}
