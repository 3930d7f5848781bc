import type { Endpoint } from "../endpoint.ts";
import { TextBytes } from "../hash/text-bytes.ts";
import { below, Word64 } from "../hash/word64.ts";
import { xxh64 } from "../hash/xxh64.ts";
import { hashKeyOf } from "../policy/consistent-hash/hash-key-of.ts";

/**
 * Indexes of the endpoints in an order of chance that is the same wherever the seed is: by XXH64(host:port, seed), and
 * of those at one address by their ids.
 *
 * Source: gRPC A68 `random_subsetting`. Cost: O(endpoints log endpoints).
 */
export function ranked(endpoints: readonly Endpoint[], seed: Word64): readonly number[] {
  const text = new TextBytes();
  const ranks = endpoints.map((endpoint) => {
    const rank = new Word64(seed.high, seed.low);
    text.utf8(hashKeyOf(endpoint));
    xxh64(text.bytes, text.length, rank);
    return rank;
  });
  return endpoints
    .map((_, i) => i)
    .toSorted((a, b) => compare(ranks[a]!, ranks[b]!) || (endpoints[a]!.id < endpoints[b]!.id ? -1 : 1));
}

function compare(a: Word64, b: Word64): number {
  if (a.high === b.high && a.low === b.low) return 0;
  return below(a.high, a.low, b.high, b.low) ? -1 : 1;
}
