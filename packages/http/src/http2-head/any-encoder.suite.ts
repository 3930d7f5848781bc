import type { Random } from "@weft/core";
import { STATIC_FIELDS } from "../hpack/static-fields.ts";
import { integer, type LiteralField } from "./literal-block.suite.ts";

const TABLE_BYTES = 4_096;
const ENTRY_OVERHEAD = 32;
const FIRST_DYNAMIC = STATIC_FIELDS.length + 1;

/**
 * Encodes blocks as any peer might: each field in one of all the ways in which it can be written now, drawn by chance.
 * The table is an array, written to be seen to be right (RFC 7541 2.3.2 and 4).
 */
export class AnyEncoder {
  readonly #random: Random;
  readonly #entries: LiteralField[] = [];
  #maxBytes = TABLE_BYTES;

  constructor(random: Random) {
    this.#random = random;
  }

  block(fields: readonly LiteralField[]): Buffer {
    const parts: Buffer[] = [];
    if (this.#random.unit() < 0.03) parts.push(this.#resize());
    for (const field of fields) parts.push(this.#field(field));
    return Buffer.concat(parts);
  }

  /** Every field literal and indexed, its name from the static table where it stands there: as nginx does. */
  sameEachTime(fields: readonly LiteralField[]): Buffer {
    return Buffer.concat(
      fields.map(([name, value]) => {
        this.#insert([name, value]);
        return literal(0x40, 6, STATIC_FIELDS.findIndex(([known]) => known === name) + 1, name, value);
      }),
    );
  }

  #field([name, value, never]: LiteralField): Buffer {
    const wholes = this.#indexes(([other, its]) => other === name && its === value);
    const names = [0, ...this.#indexes(([other]) => other === name)];
    const nameIndex = this.#one(names);
    if (never !== undefined) return literal(0x10, 4, nameIndex, name, value);
    if (wholes.length > 0 && this.#random.unit() < 0.8) return marked(0x80, integer(this.#one(wholes), 7));
    if (this.#random.unit() < 0.4) return literal(0x00, 4, nameIndex, name, value);
    const bytes = literal(0x40, 6, nameIndex, name, value);
    this.#insert([name, value]);
    return bytes;
  }

  #resize(): Buffer {
    this.#maxBytes = this.#one([0, 100, 1_000, TABLE_BYTES, TABLE_BYTES]);
    this.#shrink(this.#maxBytes);
    return marked(0x20, integer(this.#maxBytes, 5));
  }

  #insert(field: LiteralField): void {
    this.#shrink(this.#maxBytes - sizeOf(field));
    if (sizeOf(field) <= this.#maxBytes) this.#entries.unshift(field);
  }

  #shrink(bytes: number): void {
    while (this.#entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > bytes && this.#entries.length > 0) {
      this.#entries.pop();
    }
  }

  #indexes(wanted: (field: LiteralField) => boolean): readonly number[] {
    const statics = STATIC_FIELDS.flatMap((field, i) => (wanted(field) ? [i + 1] : []));
    return [...statics, ...this.#entries.flatMap((field, i) => (wanted(field) ? [i + FIRST_DYNAMIC] : []))];
  }

  #one(choices: readonly number[]): number {
    return choices[this.#random.below(choices.length)]!;
  }
}

function literal(kind: number, bits: number, nameIndex: number, name: string, value: string): Buffer {
  const parts = [marked(kind, integer(nameIndex, bits))];
  for (const text of nameIndex === 0 ? [name, value] : [value])
    parts.push(integer(text.length, 7), Buffer.from(text, "latin1"));
  return Buffer.concat(parts);
}

function marked(kind: number, bytes: Buffer): Buffer {
  bytes[0] = bytes[0]! | kind;
  return bytes;
}

function sizeOf([name, value]: LiteralField): number {
  return name.length + value.length + ENTRY_OVERHEAD;
}
