import type { Node } from "../cluster/node.ts";
import { LOAD } from "../decision/pick-record.ts";
import type { Random } from "../time/time.ts";
import type { Draw } from "./picker.ts";

/** Up to so many nodes are all looked at: drawing two of three costs as much and knows less. */
export const SCANNED = 3;

/**
 * The index with the lower load; of equal ones the node that has not been used for longer, so that an idle cluster
 * rotates. Loads are compared where they were recorded: as arguments, each number would be an object.
 *
 * @param atA the offset of a's numbers in the record
 */
export function lower(nodes: readonly Node[], a: number, atA: number, b: number, atB: number, draw: Draw): number {
  const loadA = draw.record.ring[atA + LOAD]!;
  const loadB = draw.record.ring[atB + LOAD]!;
  if (loadA !== loadB) return loadA < loadB ? a : b;
  return nodes[a]!.lastUsed <= nodes[b]!.lastUsed ? a : b;
}

/**
 * Puts nodes that were never used in an order of chance. Otherwise each fresh client of a fleet would give its first
 * calls to the first endpoint of the list (envoyproxy/envoy#2593).
 */
export function shuffleUnused(nodes: readonly Node[], random: Random): void {
  for (const node of nodes) if (node.lastUsed === 0) node.lastUsed = -1 - random.below(2 ** 30);
}

/**
 * The second index of a pair of different ones: drawn from the size - 1 left, then stepped over `first`, so that
 * every pair is equally likely.
 */
export function secondOf(first: number, size: number, draw: Draw): number {
  const second = draw.random.below(size - 1);
  return second >= first ? second + 1 : second;
}
