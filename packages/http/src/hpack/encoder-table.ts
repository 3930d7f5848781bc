import { type FieldName, NAME_SLOTS } from "./field-name.ts";
import { FieldTable } from "./field-table.ts";

/** Chains of entries, a power of two. */
const CHAINS = 256;

/**
 * The dynamic table of an encoder: entries are found by name and value. Names whose values change have many entries that
 * differ in the value alone, so both choose the chain.
 */
export class EncoderTable {
  readonly #table: FieldTable;
  /** By `FieldName.slot`: the number of the newest entry. What has left the table stays, and is known by its age. */
  readonly #newestOfName = new Int32Array(NAME_SLOTS).fill(-1);
  /** The same by chain. */
  readonly #newest = new Int32Array(CHAINS).fill(-1);
  /** By the place of an entry: the number of the one before it in the same chain. */
  readonly #before: Int32Array;

  constructor(maxBytes: number) {
    this.#table = new FieldTable(maxBytes);
    this.#before = new Int32Array(this.#table.places);
  }

  get maxBytes(): number {
    return this.#table.maxBytes;
  }

  get entries(): number {
    return this.#table.entries;
  }

  /** The index of the newest entry of that name, whatever its value; 0 when it is not there, or not known. */
  nameIndex(name: FieldName): number {
    const index = this.#table.indexOf(this.#newestOfName[name.slot]!);
    return index > 0 && index <= this.#table.entries && isSame(this.#table.name(index), name) ? index : 0;
  }

  /** @returns the index of that field, from 1 on; 0 when it is not there */
  find(name: FieldName, value: string): number {
    const table = this.#table;
    // Entries get older along the chain. Where one does not, its place belongs to another chain by now.
    let index = table.indexOf(this.#newest[chainOf(name, value)]!);
    for (let newer = 0; index > newer && index <= table.entries;) {
      if (isSame(table.name(index), name) && table.value(index) === value) return index;
      newer = index;
      index = table.indexOf(this.#before[table.placeOf(index)]!);
    }
    return 0;
  }

  /** @param name whose field is not there, and small enough for the table */
  insert(name: FieldName, value: string): void {
    const number = this.#table.next;
    this.#table.insert(name, value);
    const chain = chainOf(name, value);
    this.#before[this.#table.placeOf(1)] = this.#newest[chain]!;
    this.#newest[chain] = number;
    this.#newestOfName[name.slot] = number;
  }

  /** @param maxBytes up to what the constructor was told */
  resize(maxBytes: number): void {
    this.#table.resize(maxBytes);
  }
}

function chainOf(name: FieldName, value: string): number {
  const { length } = value;
  const ends = value.charCodeAt(length - 1) * 5 + value.charCodeAt(length - 2) * 11; // NaN where there is none, which counts as 0
  return (name.slot * 7 + length * 3 + ends) & (CHAINS - 1);
}

function isSame(one: FieldName, other: FieldName): boolean {
  return one === other || (other.known === 0 && one.text === other.text);
}
