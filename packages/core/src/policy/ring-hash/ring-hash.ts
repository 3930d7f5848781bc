import type { HashFunction } from "../../hash/hash-function.ts";
import { TextBytes } from "../../hash/text-bytes.ts";
import { Word64 } from "../../hash/word64.ts";
import { xxh64 } from "../../hash/xxh64.ts";
import { hashPicker, type HashPickerOptions } from "../consistent-hash/hash-picker.ts";
import { pointsFor, Ring } from "../consistent-hash/ring.ts";
import type { Picker } from "../picker.ts";
import { ringCounts, type RingSize } from "./ring-counts.ts";

export interface RingHashOptions extends HashPickerOptions {
  readonly size?: RingSize;
  /** Of the points. Keys of calls come hashed already. Default `xxh64`. */
  readonly hash?: HashFunction;
}

/**
 * Envoy allows 8,388,608 points. One endpoint of weight 1 beside one of a million would ask for that: a second or two
 * in which nothing else happens, and 100 MB.
 */
export const RING_SIZE: RingSize = { min: 1_024, max: 65_536 };

/**
 * Sends calls of one key to one endpoint, by Envoy's ring: point i of an endpoint is the hash of `host:port_i`.
 *
 * The ring is Envoy's own, point for point. What moves when an endpoint comes or goes is a little more than its share:
 * Maglev is evener and moves less, and ring hash is for those who are to agree with an Envoy.
 * Source: Envoy ring_hash_lb.cc; gRPC A42; reference 2.5. Cost: O(1), as a rule: see `Ring`.
 */
export function ringHash({ size = RING_SIZE, hash = xxh64, ...options }: RingHashOptions = {}): Picker {
  return hashPicker("ring-hash", (keys, weights) => ringOf(keys, ringCounts(weights, size), hash), options);
}

/** The ring on which point i of an endpoint is the hash of its key, `_` and i. */
export function ringOf(keys: readonly string[], counts: readonly number[], hash: HashFunction): Ring {
  const points = pointsFor(counts);
  const text = new TextBytes();
  const word = new Word64();
  let at = 0;
  keys.forEach((key, place) => {
    for (let i = 0; i < counts[place]!; i++, at++) {
      text.utf8(`${key}_${i}`);
      word.set(0, 0);
      hash(text.bytes, text.length, word);
      points.high[at] = word.high;
      points.low[at] = word.low;
    }
  });
  return new Ring(points);
}
