import { type FieldName, NAME_SLOTS } from "./field-name.ts";
import { FieldTable } from "./field-table.ts";

/** The dynamic table of an encoder: entries are found by name and value, at the cost of those that have the same name. */
export class EncoderTable {
  readonly #table: FieldTable;
  /** By `FieldName.slot`: the number of the newest entry. What has left the table stays, and is known by its age. */
  readonly #newest = new Int32Array(NAME_SLOTS).fill(-1);
  /** By the place of an entry: the number of the one before it in the same slot. */
  readonly #before: Int32Array;
  #nameIndex = 0;

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

  /** After `find`: the index of the newest entry of that name, whatever its value; 0 for none. */
  get nameIndex(): number {
    return this.#nameIndex;
  }

  /** @returns the index of that field, from 1 on; 0 when it is not there */
  find(name: FieldName, value: string): number {
    const table = this.#table;
    this.#nameIndex = 0;
    // Entries get older along the chain. Where one does not, its place belongs to another chain by now.
    let index = table.indexOf(this.#newest[name.slot]!);
    for (let newer = 0; index > newer && index <= table.entries;) {
      if (isSame(table.name(index), name)) {
        if (table.value(index) === value) return index;
        if (this.#nameIndex === 0) this.#nameIndex = index;
      }
      newer = index;
      index = table.indexOf(this.#before[table.placeOf(index)]!);
    }
    return 0;
  }

  /** @param name whose field is not there, and small enough for the table */
  insert(name: FieldName, value: string): void {
    const number = this.#table.next;
    this.#table.insert(name, value);
    this.#before[this.#table.placeOf(1)] = this.#newest[name.slot]!;
    this.#newest[name.slot] = number;
  }

  /** @param maxBytes up to what the constructor was told */
  resize(maxBytes: number): void {
    this.#table.resize(maxBytes);
  }
}

function isSame(one: FieldName, other: FieldName): boolean {
  return one === other || (other.known === 0 && one.text === other.text);
}
