import { NAME_SLOTS } from "./field-name.ts";

/** Entries that a name may have put into the table before one of them was of use. */
const CREDIT = 4;
const MOST_CREDIT = 8;
/** Of a name without credit, one value in so many is tried all the same: each trial makes what is kept of blocks stale. */
const TRIAL = 256;
/** And one in so many is looked for: a divisor of TRIAL, for what is tried is looked for first. */
const LOOKED_FOR = 8;

/**
 * Keeps names whose values change all the time out of the table, where they would push out what comes again: a name earns
 * an entry with each time one was of use. By `FieldName.slot`.
 */
export class ChurnGuard {
  readonly #credit = new Uint8Array(NAME_SLOTS).fill(CREDIT);
  readonly #refused = new Uint16Array(NAME_SLOTS);

  /** An entry of that name was referred to. */
  hit(slot: number): void {
    if (this.#credit[slot]! < MOST_CREDIT) this.#credit[slot]!++;
  }

  /** Whether a value of that name is worth a look at the table. When it is not, it does not enter the table either. */
  isWorthALook(slot: number): boolean {
    if (this.#credit[slot]! > 0) return true;
    this.#refused[slot] = (this.#refused[slot]! + 1) % TRIAL;
    return this.#refused[slot]! % LOOKED_FOR === 0;
  }

  /** Whether a value that was looked for, and is not there, may enter the table; it does then. */
  admit(slot: number): boolean {
    if (this.#credit[slot]! > 0) {
      this.#credit[slot]!--;
      return true;
    }
    return this.#refused[slot] === 0;
  }
}
