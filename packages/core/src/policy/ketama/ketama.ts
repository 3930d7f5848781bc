import { CRC_START, crc32Of } from "../../hash/crc32.ts";
import { TextBytes } from "../../hash/text-bytes.ts";
import { hashPicker, type HashPickerOptions } from "../consistent-hash/hash-picker.ts";
import { pointsByWeight } from "../consistent-hash/points-by-weight.ts";
import { pointsFor, Ring } from "../consistent-hash/ring.ts";
import type { Picker } from "../picker.ts";

/** Source: nginx ngx_http_upstream_hash_module.c. */
const POINTS_PER_WEIGHT = 160;

/**
 * Sends calls of one key to one endpoint, by the ring of nginx's `hash KEY consistent`: who moves from there keeps
 * which endpoint has which key. Keys are hashed by CRC-32, in the upper half of the call's hash.
 *
 * Source: nginx ngx_http_upstream_hash_module.c; Pingora's consistent.rs agrees. Cost: O(1), as a rule: see `Ring`.
 */
export function ketama(options: HashPickerOptions = {}): Picker {
  return hashPicker("ketama", ketamaRing, options);
}

/** Point j of an endpoint is the CRC of its host, NUL, its port and point j - 1; before the first it is 0. */
export function ketamaRing(keys: readonly string[], weights: readonly number[]): Ring {
  const counts = pointsByWeight(weights, POINTS_PER_WEIGHT);
  const points = pointsFor(counts);
  const text = new TextBytes();
  const before = new Uint8Array(4);
  let at = 0;
  keys.forEach((key, place) => {
    text.utf8(withNul(key));
    const base = crc32Of(CRC_START, text.bytes, text.length);
    before.fill(0);
    for (let i = 0; i < counts[place]!; i++, at++) {
      const point = ~crc32Of(base, before, 4);
      points.high[at] = point;
      for (let byte = 0; byte < 4; byte++) before[byte] = point >>> (byte * 8);
    }
  });
  return new Ring(points);
}

/** The last colon as NUL; at the end when there is none. */
function withNul(key: string): string {
  const colon = key.lastIndexOf(":");
  return colon < 0 ? `${key}\0` : `${key.slice(0, colon)}\0${key.slice(colon + 1)}`;
}
