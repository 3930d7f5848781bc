/** Room that an entry takes in the table besides its octets (RFC 7541, 4.1). */
const ENTRY = 32;
const TABLE_BYTES = 4_096;
const FIRST_DYNAMIC = 62;

/** A field that is sent again and again. One object each: it is looked up by its identity. */
export interface Field {
  readonly name: string;
  readonly value: string;
  /** In the static table, 0 for none. */
  readonly index: number;
}

export function field(name: string, value: string): Field {
  return { name, value, index: STATIC_FIELDS[`${name}: ${value}`] ?? 0 };
}

/** Known names of the static table (RFC 7541, appendix A), by their index. */
const STATIC_NAMES: Readonly<Record<string, number>> = {
  ":authority": 1,
  ":path": 4,
  "content-type": 31,
  "user-agent": 58,
};

/** Whole fields of the static table. */
const STATIC_FIELDS: Readonly<Record<string, number>> = {
  ":method: GET": 2,
  ":method: POST": 3,
  ":scheme: http": 6,
  ":status: 200": 8,
};

/**
 * Writes header blocks of one connection as the usual libraries do: a field goes into the table when it is first sent
 * and is an index from then on, until newer ones have pushed it out. What the other side's table cannot hold is not
 * looked at: it must be of the 4,096 bytes that are the default.
 */
export class FieldWriter {
  readonly #block = Buffer.allocUnsafe(4_096);
  #length = 0;
  /** When each field went into the table: its number, counted from the first. */
  readonly #numbers = new Map<Field, number>();
  /** Of the entries in the table, oldest first; without a field where nobody will ask for it again. */
  readonly #entries: { readonly field: Field | undefined; readonly bytes: number }[] = [];
  #used = 0;
  #inserted = 0;

  begin(): this {
    this.#length = 0;
    return this;
  }

  /** Of all since `begin`; valid until the next `begin`. */
  end(): Buffer {
    return this.#block.subarray(0, this.#length);
  }

  /** A field for the table. */
  field(field: Field): this {
    if (field.index !== 0) return this.#number(0x80, 7, field.index);
    const number = this.#numbers.get(field);
    if (number !== undefined) return this.#number(0x80, 7, FIRST_DYNAMIC + this.#inserted - 1 - number);
    this.#literal(0x40, 6, field.name, field.value);
    this.#insert(field, field.name, field.value);
    return this;
  }

  /** A field that goes into the table though it will not come again. */
  churn(name: string, value: string): this {
    this.#literal(0x40, 6, name, value);
    this.#insert(undefined, name, value);
    return this;
  }

  /** A field that stays out of it. */
  once(name: string, value: string): this {
    return this.#literal(0x00, 4, name, value);
  }

  #literal(pattern: number, bits: number, name: string, value: string): this {
    const index = STATIC_NAMES[name] ?? 0;
    this.#number(pattern, bits, index);
    if (index === 0) this.#text(name);
    this.#text(value);
    return this;
  }

  #insert(field: Field | undefined, name: string, value: string): void {
    const bytes = name.length + value.length + ENTRY;
    while (this.#used + bytes > TABLE_BYTES) {
      const oldest = this.#entries.shift()!;
      this.#used -= oldest.bytes;
      if (oldest.field !== undefined) this.#numbers.delete(oldest.field);
    }
    this.#entries.push({ field, bytes });
    if (field !== undefined) this.#numbers.set(field, this.#inserted);
    this.#inserted++;
    this.#used += bytes;
  }

  /** RFC 7541, 5.1. */
  #number(pattern: number, bits: number, value: number): this {
    const most = 2 ** bits - 1;
    if (value < most) this.#block[this.#length++] = pattern | value;
    else {
      this.#block[this.#length++] = pattern | most;
      for (value -= most; value >= 128; value >>= 7) this.#block[this.#length++] = (value & 127) | 128;
      this.#block[this.#length++] = value;
    }
    return this;
  }

  /** RFC 7541, 5.2: in the Huffman code where that is possible here, as the usual libraries do where it is shorter. */
  #text(text: string): void {
    const bits = huffmanBits(text);
    if (bits === 0) {
      this.#number(0, 7, text.length);
      this.#length += this.#block.write(text, this.#length, "latin1");
      return;
    }
    this.#number(0x80, 7, Math.ceil(bits / 8));
    this.#length = writeHuffman(text, this.#block, this.#length);
  }
}

/** The characters with codes of five and six bits, in the order of the codes (RFC 7541, appendix B). */
const FIVE = "012aceiost";
const SIX = " %-./3456789=A_bdfghlmnpru";
const FIRST_OF_SIX = 0x14;

const CODES = new Uint8Array(256);
const LENGTHS = new Uint8Array(256);
for (const [i, character] of [...FIVE].entries()) setCode(character, i, 5);
for (const [i, character] of [...SIX].entries()) setCode(character, FIRST_OF_SIX + i, 6);

function setCode(character: string, code: number, length: number): void {
  CODES[character.charCodeAt(0)] = code;
  LENGTHS[character.charCodeAt(0)] = length;
}

/** 0 when the text has a character with a longer code. */
function huffmanBits(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    const length = LENGTHS[text.charCodeAt(i)]!;
    if (length === 0) return 0;
    bits += length;
  }
  return bits;
}

/** @returns where the text ends */
function writeHuffman(text: string, into: Buffer, at: number): number {
  let kept = 0;
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    kept = (kept << LENGTHS[character]!) | CODES[character]!;
    bits += LENGTHS[character]!;
    if (bits < 8) continue;
    bits -= 8;
    into[at++] = kept >> bits;
    kept &= (1 << bits) - 1;
  }
  if (bits > 0) into[at++] = (kept << (8 - bits)) | (0xff >> bits); // filled up with ones
  return at;
}
