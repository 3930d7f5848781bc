import type { Word64 } from "../../hash/word64.ts";

/**
 * Where keys fall among endpoints: a ring, or a table. Knows endpoints by their place in the order that it was built
 * from, and nothing of how they are.
 */
export interface Placement {
  /** Where a hash falls. */
  find(hash: Word64): number;
  /**
   * The place of an endpoint for this hash.
   *
   * @param found what `find` said of the same hash
   * @param probe 0 for the hash's own endpoint; 1, 2, ... for those that take over from it, one after the other. An
   *   endpoint may come again
   */
  at(found: number, hash: Word64, probe: number): number;
}

/**
 * Builds the placement of endpoints. Not called for none.
 *
 * @param keys what each endpoint is hashed by, in ascending order, so that every client builds the same
 * @param weights of the same endpoints, > 0
 */
export type Place = (keys: readonly string[], weights: readonly number[]) => Placement;
