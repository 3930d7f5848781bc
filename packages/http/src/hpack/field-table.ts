import { type FieldName, KNOWN } from "./field-name.ts";

/** What an entry costs beside its name and its value (RFC 7541 4.1). */
export const ENTRY_OVERHEAD = 32;

/**
 * The dynamic table of one side: rings of names and of values. The newest entry has index 1 here; on the wire it
 * stands behind the static table. Source: RFC 7541 2.3.2 and 4.
 */
export class FieldTable {
  readonly #mask: number;
  // They grow with the entries: the table of an idle connection costs next to nothing.
  readonly #names: FieldName[] = [];
  readonly #values: string[] = [];
  /** What each costs: an entry that goes is not looked at, for it lies in no cache any more. */
  readonly #sizes: number[] = [];
  #maxBytes: number;
  #bytes = 0;
  #entries = 0;
  /** The number of the next entry: they are counted for ever, in 32 bits. */
  #next = 0;

  /** @param maxBytes the most that it will ever hold, and what it may hold now */
  constructor(maxBytes: number) {
    this.#mask = 2 ** Math.ceil(Math.log2(Math.max(maxBytes / ENTRY_OVERHEAD, 1))) - 1;
    this.#maxBytes = maxBytes;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get entries(): number {
    return this.#entries;
  }

  /** The number that the next entry gets. */
  get next(): number {
    return this.#next;
  }

  /** The places of the rings: a power of two, and enough for the smallest entries. */
  get places(): number {
    return this.#mask + 1;
  }

  /** Where in the rings an entry stands. @param index 1 to `entries` */
  placeOf(index: number): number {
    return (this.#next - index) & this.#mask;
  }

  /** The index of the entry with that number. Beyond `entries` when it is gone; anything when it was long ago. */
  indexOf(number: number): number {
    return (this.#next - number) | 0;
  }

  /** @param index 1 to `entries` */
  name(index: number): FieldName {
    return this.#names[(this.#next - index) & this.#mask]!;
  }

  /** @param index 1 to `entries` */
  value(index: number): string {
    return this.#values[(this.#next - index) & this.#mask]!;
  }

  /** Makes room by dropping the oldest. @returns false when it is larger than the table, which is empty then */
  insert(name: FieldName, value: string): boolean {
    const size = name.text.length + value.length + ENTRY_OVERHEAD;
    this.#shrink(this.#maxBytes - size);
    if (size > this.#maxBytes) return false;
    const slot = this.#next & this.#mask;
    this.#names[slot] = name;
    this.#values[slot] = value;
    this.#sizes[slot] = size;
    this.#next = (this.#next + 1) | 0;
    this.#entries++;
    this.#bytes += size;
    return true;
  }

  /** @param maxBytes up to what the constructor was told */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#shrink(maxBytes);
  }

  /** Drops the oldest until the rest takes no more than that; below 0, all of them. */
  #shrink(bytes: number): void {
    while (this.#bytes > bytes && this.#entries > 0) {
      const slot = (this.#next - this.#entries) & this.#mask;
      this.#bytes -= this.#sizes[slot]!;
      this.#names[slot] = KNOWN[0]!;
      this.#values[slot] = "";
      this.#entries--;
    }
  }
}
