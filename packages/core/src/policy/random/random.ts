import { openFrom, type Picker } from "../picker.ts";

/**
 * Takes a node by chance, each in proportion to its weight. Cost: O(1) with equal weights, O(log endpoints) else.
 */
export function random(): Picker {
  let sums: Float64Array | undefined; // sums[i]: weight of nodes 0..i; undefined while all weigh the same
  return {
    kind: "random",
    arrange(nodes) {
      sums = undefined;
      if (nodes.every(({ weight }) => weight === nodes[0]!.weight)) return;
      let total = 0;
      sums = Float64Array.from(nodes, ({ weight }) => (total += weight));
    },
    pick(nodes, draw) {
      if (nodes.length === 0) return undefined;
      const index = sums === undefined ? draw.random.below(nodes.length) : indexOf(sums, draw.random.unit());
      return openFrom(nodes, index, draw);
    },
  };
}

/** The first index whose sum lies above `share` of the whole. */
function indexOf(sums: Float64Array, share: number): number {
  const point = share * sums[sums.length - 1]!;
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > point) high = middle;
    else low = middle + 1;
  }
  return low;
}
