import type { Node } from "../cluster/node.ts";
import type { Draw } from "./picker.ts";

/** Up to so many nodes are all looked at: drawing two of three costs as much and knows less. */
export const SCANNED = 3;

/** The load of a node, compared by pickers that choose the lowest. Infinity: not open. */
export type Load = (node: Node, draw: Draw) => number;

/** The lower of two loads; of equal ones the node that has not been used for longer, so that an idle cluster rotates. */
export function lower(a: Node, loadA: number, b: Node, loadB: number): Node {
  if (loadA !== loadB) return loadA < loadB ? a : b;
  return a.lastUsed <= b.lastUsed ? a : b;
}

/**
 * The second index of a pair of different ones: drawn from the size - 1 left, then stepped over `first`, so that
 * every pair is equally likely.
 */
export function secondOf(first: number, size: number, draw: Draw): number {
  const second = draw.random.below(size - 1);
  return second >= first ? second + 1 : second;
}
