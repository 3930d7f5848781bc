import type { Node } from "../cluster/node.ts";
import * as part from "../decision/pick-record.ts";
import type { Random } from "../time/time.ts";
import type { Draw } from "./picker.ts";

// Numbers of its own, for the sake of speed: see `prequal/told-load.ts`.
const { LOAD } = part;

/** Up to so many nodes are all looked at: drawing two of three costs as much and knows less. */
export const SCANNED = 3;

/**
 * Which of two nodes has not been used for longer: it wins a tie, so that an idle cluster rotates.
 *
 * Asked before either is weighed, this also brings both nodes near: among thousands each of them is in no cache, and
 * two are waited for in the time of one.
 */
export function longerUnused(nodes: readonly Node[], a: number, b: number): number {
  return nodes[a]!.lastUsed <= nodes[b]!.lastUsed ? a : b;
}

/**
 * The index with the lower load, and of equal ones `onTie`. Loads are compared where they were recorded: as arguments,
 * each number would be an object.
 *
 * @param atA the offset of a's numbers in the record
 */
export function lower(onTie: number, a: number, atA: number, b: number, atB: number, draw: Draw): number {
  const loadA = draw.record.ring[atA + LOAD]!;
  const loadB = draw.record.ring[atB + LOAD]!;
  if (loadA !== loadB) return loadA < loadB ? a : b;
  return onTie;
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
