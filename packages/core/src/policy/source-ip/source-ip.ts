import { xxh64 } from "../../hash/xxh64.ts";
import { hashPicker, type HashPickerOptions } from "../consistent-hash/hash-picker.ts";
import { pointsByWeight } from "../consistent-hash/points-by-weight.ts";
import type { Picker } from "../picker.ts";
import { ringOf } from "../ring-hash/ring-hash.ts";

/** A share then strays by a sixteenth of itself, usually. */
const POINTS_PER_WEIGHT = 256;

/**
 * Sends all calls of one caller's address to one endpoint. Of five endpoints, one that goes moves its own callers and
 * nobody else: every endpoint has its points on the ring, whoever else is there.
 *
 * The home hashes the address; a call without one goes by chance. Cost: O(1), as a rule: see `Ring`.
 */
export function sourceIp(options: HashPickerOptions = {}): Picker {
  const place = (keys: readonly string[], weights: readonly number[]) =>
    ringOf(keys, pointsByWeight(weights, POINTS_PER_WEIGHT), xxh64);
  return hashPicker("source-ip", place, options);
}
