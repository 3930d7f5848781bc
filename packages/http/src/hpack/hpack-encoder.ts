import { writeLatin1 } from "../head/latin1.ts";
import { ChurnGuard } from "./churn-guard.ts";
import { EncoderTable } from "./encoder-table.ts";
import { type FieldName, knownName } from "./field-name.ts";
import { ENTRY_OVERHEAD } from "./field-table.ts";
import { INDEX, NEVER, treatmentOf } from "./indexing.ts";
import { STATIC_ENTRIES, STATIC_INDEX, STATIC_NAMES, STATIC_VALUES } from "./static-table.ts";

/** What a table may hold until SETTINGS say otherwise. We never use more (RFC 9113 6.5.2). */
const TABLE_BYTES = 4_096;
/** Share of the table that one entry may take: a larger one would push out too much of what is of use. */
const MOST_SHARE = 0.5;

const INDEXED = 0x80;
const INDEXING = 0x40;
const SIZE_UPDATE = 0x20;
const NEVER_INDEXED = 0x10;
const WITHOUT_INDEXING = 0x00;

const INDEX_BITS = 0x7f;
const INDEXING_BITS = 0x3f;
const SIZE_BITS = 0x1f;
const NAME_BITS = 0x0f;
const LENGTH_BITS = 0x7f;

/** The most bytes of an integer below 2^28. */
const INTEGER_BYTES = 5;
/** Of content-length in the static table. */
const LENGTH_INDEX = STATIC_INDEX[knownName("content-length").known]!;
const DIGIT_ZERO = 0x30;
/** Longer texts are written by a call into C++. */
const SHORT_TEXT = 12;

/**
 * Encodes the header blocks that go on one connection, in the order they go. Each block that was ended is to be sent, or
 * `discard` told: the peer's table follows ours.
 *
 * Fields that come again are indexed, others are not (see indexing.ts, ChurnGuard). Text is never Huffman-coded: the
 * bytes it saves within a machine room cost more time than they are worth.
 */
export class HpackEncoder {
  readonly #table = new EncoderTable(TABLE_BYTES);
  readonly #guard = new ChurnGuard();
  #generation = 0;
  /** What the table will be bounded by, and the least that it has been since the last block. */
  #maxBytes = TABLE_BYTES;
  #leastBytes = TABLE_BYTES;
  #into: Buffer = Buffer.alloc(0);
  #at = 0;
  #full = false;

  /**
   * Grows with every change of the table, and of what bounds it: until then a block that was written without changing it
   * may be sent once more as it is.
   */
  get generation(): number {
    return this.#generation;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. The next block begins with what follows from it (RFC 7541 4.2). */
  tableSize(bytes: number): void {
    const maxBytes = Math.min(bytes, TABLE_BYTES);
    if (maxBytes === this.#maxBytes) return;
    this.#bound(maxBytes);
  }

  /** Begins a block, or goes on with one behind what was ended of it. @param at where in `into`, up to whose end it may go */
  begin(into: Buffer, at: number): void {
    this.#into = into;
    this.#at = at;
    this.#full = false;
    if (this.#leastBytes < this.#table.maxBytes) this.#resize(this.#leastBytes);
    if (this.#maxBytes !== this.#table.maxBytes) this.#resize(this.#maxBytes);
  }

  /**
   * One more field of the block.
   *
   * @param name in lower case
   * @param value latin1
   * @param neverIndexed it came so, and goes on so
   */
  field(name: FieldName, value: string, neverIndexed = false): void {
    const treatment = neverIndexed ? NEVER : treatmentOf(name, value);
    const staticIndex = STATIC_INDEX[name.known]!;
    if (treatment === NEVER) return this.#literal(NEVER_INDEXED, NAME_BITS, staticIndex, name, value);
    for (let index = staticIndex; index > 0 && STATIC_NAMES[index] === name; index++)
      if (STATIC_VALUES[index] === value) return this.#indexed(index);
    if (treatment !== INDEX) return this.#literal(WITHOUT_INDEXING, NAME_BITS, staticIndex, name, value);

    const looks = this.#guard.isWorthALook(name.slot);
    const entry = looks ? this.#table.find(name, value) : 0;
    if (entry > 0) {
      this.#guard.hit(name.slot);
      return this.#indexed(STATIC_ENTRIES + entry);
    }
    const nameIndex = staticIndex > 0 ? staticIndex : this.#nameIndex(name);
    if (!looks || !this.#admits(name, value)) return this.#literal(WITHOUT_INDEXING, NAME_BITS, nameIndex, name, value);
    this.#literal(INDEXING, INDEXING_BITS, nameIndex, name, value);
    this.#table.insert(name, value);
    this.#generation++;
  }

  /** One more field: content-length, which changes too often to be indexed. @param length a whole number, 0 or more */
  length(length: number): void {
    let digits = 1;
    for (let most = 10; length >= most; most *= 10) digits++;
    if (!this.#hasRoom(2 * INTEGER_BYTES + digits)) return;
    this.#integer(WITHOUT_INDEXING, NAME_BITS, LENGTH_INDEX);
    this.#integer(0, LENGTH_BITS, digits);
    const into = this.#into;
    const at = this.#at;
    this.#at = at + digits;
    let rest = length;
    for (let i = at + digits - 1; i >= at; i--) {
      const tenth = Math.floor(rest / 10);
      into[i] = rest - tenth * 10 + DIGIT_ZERO;
      rest = tenth;
    }
  }

  /** Ends the block. @returns where it ends; -1 when there was no room: then nothing is to be sent of it */
  end(): number {
    if (!this.#full) return this.#at;
    this.discard();
    return -1;
  }

  /** What the last block has put into the table has not been sent: the next block empties the table on both sides. */
  discard(): void {
    this.#bound(this.#maxBytes);
    this.#leastBytes = 0;
  }

  #bound(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#leastBytes = Math.min(this.#leastBytes, maxBytes);
    this.#generation++;
  }

  #resize(maxBytes: number): void {
    if (!this.#hasRoom(INTEGER_BYTES)) return;
    this.#integer(SIZE_UPDATE, SIZE_BITS, maxBytes);
    this.#table.resize(maxBytes);
    this.#leastBytes = maxBytes;
    this.#generation++;
  }

  /** Where a name that the static table lacks stands; 0 when nowhere. */
  #nameIndex(name: FieldName): number {
    const entry = this.#table.nameIndex(name);
    return entry === 0 ? 0 : STATIC_ENTRIES + entry;
  }

  #admits(name: FieldName, value: string): boolean {
    const size = name.text.length + value.length + ENTRY_OVERHEAD;
    return size <= this.#table.maxBytes * MOST_SHARE && this.#guard.admit(name.slot);
  }

  #indexed(index: number): void {
    if (this.#hasRoom(INTEGER_BYTES)) this.#integer(INDEXED, INDEX_BITS, index);
  }

  #literal(kind: number, bits: number, nameIndex: number, name: FieldName, value: string): void {
    if (!this.#hasRoom(3 * INTEGER_BYTES + name.text.length + value.length)) return;
    this.#integer(kind, bits, nameIndex);
    if (nameIndex === 0) this.#name(name);
    this.#text(value);
  }

  /** Those that are known have their bytes at hand. */
  #name(name: FieldName): void {
    if (name.known === 0) return this.#text(name.text);
    const { bytes } = name;
    const { length } = bytes;
    this.#integer(0, LENGTH_BITS, length);
    const into = this.#into;
    let at = this.#at;
    for (let i = 0; i < length; i++) into[at++] = bytes[i]!;
    this.#at = at;
  }

  #text(text: string): void {
    this.#integer(0, LENGTH_BITS, text.length);
    const into = this.#into;
    let at = this.#at;
    this.#at += text.length;
    if (text.length > SHORT_TEXT) writeLatin1(text, into, at);
    else for (let i = 0; i < text.length; i++) into[at++] = text.charCodeAt(i);
  }

  /** @param kind the bits before it @param bits those of the first byte that belong to it */
  #integer(kind: number, bits: number, value: number): void {
    const into = this.#into;
    if (value < bits) {
      into[this.#at++] = kind | value;
      return;
    }
    into[this.#at++] = kind | bits;
    let rest = value - bits;
    for (; rest >= 0x80; rest >>>= 7) into[this.#at++] = (rest & 0x7f) | 0x80;
    into[this.#at++] = rest;
  }

  #hasRoom(bytes: number): boolean {
    if (this.#at + bytes > this.#into.length) this.#full = true;
    return !this.#full;
  }
}
