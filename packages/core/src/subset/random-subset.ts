import type { Endpoint } from "../endpoint.ts";
import type { Word64 } from "../hash/word64.ts";
import { ranked } from "./ranked.ts";

/**
 * The endpoints that one client of many uses, so that not every client is connected to every endpoint.
 *
 *   rank = XXH64(host:port, the client's seed); the `size` lowest are used
 *
 * Each client has others, and all together spread over all. When an endpoint comes or goes, a client changes one of
 * its endpoints at most. Those that fail the registry's checks do not count, but stay known: else each change of their
 * state would forget what was measured of them.
 *
 * @param size how many, >= 1. All of them, when there are no more
 * @param seed the client's own: another in each, and the same all its life
 * @returns in the order given
 * Source: gRPC A68 `random_subsetting`; rendezvous hashing. Cost: O(endpoints log endpoints) for each membership.
 */
export function randomSubset(endpoints: readonly Endpoint[], size: number, seed: Word64): readonly Endpoint[] {
  if (endpoints.length <= size) return endpoints;
  const chosen = new Set<number>();
  let passing = 0;
  for (const index of ranked(endpoints, seed)) {
    if (passing === size) break;
    chosen.add(index);
    if (endpoints[index]!.state === "passing") passing++;
  }
  return endpoints.filter((_, i) => chosen.has(i));
}
