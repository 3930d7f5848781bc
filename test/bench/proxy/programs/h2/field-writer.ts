import { encodeLiteral, writeNumber } from "./hpack-literal.ts";

/** Room that an entry takes in the table besides its octets (RFC 7541, 4.1). */
const ENTRY = 32;
const TABLE_BYTES = 4_096;
/** More entries than the table can have, and a power of two. */
const RING = 128;
const FIRST_DYNAMIC = 62;

/** Whole fields of the static table (RFC 7541, appendix A). */
const STATIC_FIELDS: Readonly<Record<string, number>> = {
  ":method: GET": 2,
  ":method: POST": 3,
  ":scheme: http": 6,
  ":status: 200": 8,
};

/** A field as it goes out. Made once, sent often: it is looked up by its identity. */
export interface Field {
  /** In the static table, 0 for none. */
  readonly index: number;
  readonly literal: Buffer;
  /** Of its entry in the table, 0 when it stays out of it. */
  readonly tableBytes: number;
}

/** A field that goes into the table with its first use. */
export function field(name: string, value: string): Field {
  const index = STATIC_FIELDS[`${name}: ${value}`] ?? 0;
  return { index, literal: encodeLiteral("indexed", name, value), tableBytes: name.length + value.length + ENTRY };
}

/** A field that stays out of the table. */
export function unindexed(name: string, value: string): Field {
  return { index: 0, literal: encodeLiteral("not indexed", name, value), tableBytes: 0 };
}

/**
 * Writes header blocks of one connection as the usual libraries do: a field goes into the table when it is first sent
 * and is an index from then on, until newer ones have pushed it out. What the other side's table cannot hold is not
 * looked at: it must be of the 4,096 bytes that are the default.
 */
export class FieldWriter {
  readonly #block = Buffer.allocUnsafe(4_096);
  #length = 0;
  /** When each field last went into the table: its number, counted from the first. */
  readonly #numbers = new Map<Field, number>();
  /** The table: numbers from `#oldest` up to `#next`, at their remainder. */
  readonly #bytesOf = new Uint16Array(RING);
  #used = 0;
  #oldest = 0;
  #next = 0;

  begin(): this {
    this.#length = 0;
    return this;
  }

  /** Of all since `begin`; valid until the next `begin`. */
  end(): Buffer {
    return this.#block.subarray(0, this.#length);
  }

  field(field: Field): this {
    if (field.index !== 0) return this.#index(field.index);
    if (field.tableBytes > 0) {
      const number = this.#numbers.get(field) ?? -1;
      if (number >= this.#oldest) return this.#index(FIRST_DYNAMIC + this.#next - 1 - number);
      this.#numbers.set(field, this.#next);
      this.#insert(field.tableBytes);
    }
    this.#length += field.literal.copy(this.#block, this.#length);
    return this;
  }

  #index(index: number): this {
    this.#length = writeNumber(0x80, 7, index, this.#block, this.#length);
    return this;
  }

  #insert(bytes: number): void {
    this.#used += bytes;
    while (this.#used > TABLE_BYTES) this.#used -= this.#bytesOf[this.#oldest++ % RING]!;
    this.#bytesOf[this.#next++ % RING] = bytes;
  }
}
