import type { Endpoint } from "../endpoint.ts";
import { TextBytes } from "../hash/text-bytes.ts";
import { below, Word64 } from "../hash/word64.ts";
import { xxh64 } from "../hash/xxh64.ts";
import { hashKeyOf } from "../policy/consistent-hash/hash-key-of.ts";

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
  const ranks = ranksOf(endpoints, seed);
  const order = endpoints.map((_, i) => i).toSorted((a, b) => compare(ranks[a]!, ranks[b]!) || a - b);
  const chosen = new Set<number>();
  let passing = 0;
  for (const index of order) {
    if (passing === size) break;
    chosen.add(index);
    if (endpoints[index]!.state === "passing") passing++;
  }
  return endpoints.filter((_, i) => chosen.has(i));
}

function ranksOf(endpoints: readonly Endpoint[], seed: Word64): Word64[] {
  const text = new TextBytes();
  return endpoints.map((endpoint) => {
    const rank = new Word64(seed.high, seed.low);
    text.utf8(hashKeyOf(endpoint));
    xxh64(text.bytes, text.length, rank);
    return rank;
  });
}

function compare(a: Word64, b: Word64): number {
  if (a.high === b.high && a.low === b.low) return 0;
  return below(a.high, a.low, b.high, b.low) ? -1 : 1;
}
