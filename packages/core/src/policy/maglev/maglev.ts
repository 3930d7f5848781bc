import { hashPicker, type HashPickerOptions } from "../consistent-hash/hash-picker.ts";
import type { Picker } from "../picker.ts";
import { MaglevTable } from "./maglev-table.ts";

export interface MaglevOptions extends HashPickerOptions {
  /** Slots of the table, a prime, 3 to 5,000,011. Many times as many as endpoints. Default 65,537 (Envoy). */
  readonly slots?: number;
}

/** Source: Envoy `table_size`. */
export const MAGLEV_SLOTS = 65_537;
const MOST_SLOTS = 5_000_011;

/**
 * Sends calls of one key to one endpoint, by Maglev's table. Evener than a ring, and the one to use unless the ring of
 * an Envoy is to be met. The table is Envoy's own, slot for slot. Cost: O(1), 128 KiB for each service.
 *
 * @throws RangeError when the number of slots is no prime from 3 to 5,000,011
 */
export function maglev({ slots = MAGLEV_SLOTS, ...options }: MaglevOptions = {}): Picker {
  if (!isSlots(slots)) throw new RangeError(`slots: ${slots} is not a prime in 3..${MOST_SLOTS}`);
  return hashPicker("maglev", (keys, weights) => new MaglevTable(keys, weights, slots), options);
}

/** Whether a table may have so many slots. */
export function isSlots(slots: number): boolean {
  if (!Number.isInteger(slots) || slots < 3 || slots > MOST_SLOTS || slots % 2 === 0) return false;
  for (let divisor = 3; divisor * divisor <= slots; divisor += 2) if (slots % divisor === 0) return false;
  return true;
}
