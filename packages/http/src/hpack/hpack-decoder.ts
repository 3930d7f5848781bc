import { type FieldName, type FieldSink, knownName } from "./field-name.ts";
import { FieldTable } from "./field-table.ts";
import { huffmanText, inOrder, isHuffmanText } from "./huffman.ts";
import { comesAgain } from "./indexing.ts";
import { STATIC_ENTRIES, STATIC_NAMES, STATIC_VALUES } from "./static-table.ts";
import { textOf } from "./text-of.ts";
import { wireName } from "./wire-names.ts";

/** Entries that a block put into the table, in their order. */
export interface Inserts {
  readonly names: readonly FieldName[];
  readonly values: readonly string[];
}

const INDEXED = 0x80;
const INDEXING = 0x40;
const SIZE_UPDATE = 0x20;
const NEVER_INDEXED = 0x10;
const HUFFMAN = 0x80;

const INDEX_BITS = 0x7f;
const INDEXING_BITS = 0x3f;
const SIZE_BITS = 0x1f;
const NAME_BITS = 0x0f;
const LENGTH_BITS = 0x7f;

/** A reduction and what it grows to again are told at the start of one block (RFC 7541 4.2). */
const MOST_SIZE_UPDATES = 2;
/** Bytes behind the first of an integer, of 7 bits each: more than any length or index needs. */
const MOST_INTEGER_BYTES = 4;

const NO_INTEGER = "an integer is cut off or too large (RFC 7541 5.1)";
const NO_TEXT = "a string is cut off, or its Huffman code is wrong (RFC 7541 5.2)";
const NO_ENTRY = "there is no entry of that index (RFC 7541 2.3.3)";
const TOO_LARGE = "the table is made larger than SETTINGS_HEADER_TABLE_SIZE allows (RFC 7541 6.3)";
const TOO_MANY = "more than two updates of the table size at the start of a block (RFC 7541 4.2)";
const TOO_LATE = "an update of the table size behind a field (RFC 7541 4.2)";

/** Longest value of which the last text is kept. */
const MAX_LAST = 64;

/** By `FieldName.known`: the text of the last value that came to be put into a table, of names whose values come again. */
const lastTexts: string[] = [];
// What these are compared with.
lastTexts[knownName("te").known] = "trailers";
lastTexts[knownName("content-type").known] = "application/grpc";

/**
 * The same text, as the string that it was the last time: two strings that are one object are compared at a glance, on
 * all of a call's way.
 */
function lastOf(name: FieldName, text: string): string {
  if (!comesAgain(name) || text.length > MAX_LAST) return text;
  const last = lastTexts[name.known];
  if (last === text) return last;
  lastTexts[name.known] = text;
  return text;
}

/**
 * Decodes the header blocks that come on one connection, in the order they come. No string is made of an indexed field,
 * nor of a known name.
 *
 * A block whose `usedTable` is false has the same fields whenever it comes; if `inserts` can tell what it puts into the
 * table, it need not be decoded again: `replay` does that alone. Any other block has the same fields again only while
 * `generation` is the same before and behind it.
 */
export class HpackDecoder {
  readonly #mostBytes: number;
  readonly #table: FieldTable;
  #at = 0;
  #skipping = false;
  #generation = 0;
  #usedTable = false;
  #inserted = 0;
  #valueAt = -1;
  #valueInOrder = false;
  /** What the last block did to the table can be done again by its inserts alone. */
  #repeatable = true;

  /** @param maxTableBytes what SETTINGS_HEADER_TABLE_SIZE told the peer */
  constructor(maxTableBytes: number) {
    this.#mostBytes = maxTableBytes;
    this.#table = new FieldTable(maxTableBytes);
  }

  /** Grows with every change of the table. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether the last block referred to an entry of the dynamic table. */
  get usedTable(): boolean {
    return this.#usedTable;
  }

  /** How many entries the last block put into the table, also of those that are gone again. */
  get inserted(): number {
    return this.#inserted;
  }

  /**
   * While the sink is told of a field: where its value stands in the bytes, as it is, so that it can be checked there;
   * -1 when it does not.
   */
  get valueAt(): number {
    return this.#valueAt;
  }

  /** The same: whether its value came Huffman-coded, and is one that a field may have. When not, nothing is known. */
  get valueInOrder(): boolean {
    return this.#valueInOrder;
  }

  /**
   * Decodes a block. The bytes are only looked at during the call.
   *
   * @param from where it begins; it ends at `to`
   * @param sink is told of each field; undefined: nobody is, and only the table follows
   * @returns what is wrong with it, in fixed words: COMPRESSION_ERROR of the connection, for the table is lost then
   */
  decode(bytes: Buffer, from: number, to: number, sink: FieldSink | undefined): string | undefined {
    this.#at = from;
    this.#skipping = sink === undefined;
    this.#usedTable = false;
    this.#inserted = 0;
    this.#repeatable = true;
    let problem = this.#updates(bytes, to);
    while (problem === undefined && this.#at < to) problem = this.#field(bytes, to, sink);
    return problem;
  }

  /**
   * The sink wants no more of the block that is being decoded: values are not even made, but for the table. So a short
   * block that stands for a long list costs little once it is found to be too long.
   */
  skipRest(): void {
    this.#skipping = true;
  }

  /** What the last block put into the table; undefined when it did something else to it, or not all of that is there. */
  inserts(): Inserts | undefined {
    const count = this.#inserted;
    if (!this.#repeatable || count > this.#table.entries) return undefined;
    const names: FieldName[] = [];
    const values: string[] = [];
    for (let index = count; index > 0; index--) {
      names.push(this.#table.name(index));
      values.push(this.#table.value(index));
    }
    return { names, values };
  }

  /** Stands for a block that came before on any connection, byte by byte the same, and whose `usedTable` was false. */
  replay({ names, values }: Inserts): void {
    this.#usedTable = false;
    this.#inserted = 0;
    this.#repeatable = true;
    for (let i = 0; i < names.length; i++) this.#insert(names[i]!, values[i]!);
  }

  #updates(bytes: Buffer, to: number): string | undefined {
    for (let count = 0; this.#at < to && (bytes[this.#at]! & 0xe0) === SIZE_UPDATE; count++) {
      if (count === MOST_SIZE_UPDATES) return TOO_MANY;
      const size = this.#integer(bytes, to, SIZE_BITS);
      if (size < 0) return NO_INTEGER;
      if (size > this.#mostBytes) return TOO_LARGE;
      this.#table.resize(size);
      this.#generation++;
      this.#repeatable = false;
    }
    return undefined;
  }

  #field(bytes: Buffer, to: number, sink: FieldSink | undefined): string | undefined {
    const first = bytes[this.#at]!;
    if ((first & INDEXED) !== 0) return this.#indexed(bytes, to, sink);
    if ((first & INDEXING) !== 0) return this.#literal(bytes, to, INDEXING_BITS, true, sink);
    if ((first & SIZE_UPDATE) !== 0) return TOO_LATE;
    return this.#literal(bytes, to, NAME_BITS, false, sink);
  }

  #indexed(bytes: Buffer, to: number, sink: FieldSink | undefined): string | undefined {
    this.#valueAt = -1;
    this.#valueInOrder = false;
    const index = this.#integer(bytes, to, INDEX_BITS);
    if (index <= 0) return index === 0 ? NO_ENTRY : NO_INTEGER;
    const entry = index - STATIC_ENTRIES;
    if (entry <= 0) {
      if (!this.#skipping) sink?.field(STATIC_NAMES[index]!, STATIC_VALUES[index]!, false);
      return undefined;
    }
    const table = this.#table;
    if (entry > table.entries) return NO_ENTRY;
    this.#usedTable = true;
    if (!this.#skipping) sink?.field(table.name(entry), table.value(entry), false);
    return undefined;
  }

  #literal(
    bytes: Buffer,
    to: number,
    bits: number,
    indexing: boolean,
    sink: FieldSink | undefined,
  ): string | undefined {
    const neverIndexed = !indexing && (bytes[this.#at]! & NEVER_INDEXED) !== 0;
    const index = this.#integer(bytes, to, bits);
    if (index < 0) return NO_INTEGER;
    const entry = index - STATIC_ENTRIES;
    if (entry > this.#table.entries) return NO_ENTRY;
    if (this.#skipping && !indexing) {
      if (entry > 0) this.#usedTable = true;
      return (index > 0 || this.#pass(bytes, to)) && this.#pass(bytes, to) ? undefined : NO_TEXT;
    }
    const name = index === 0 ? this.#name(bytes, to) : entry > 0 ? this.#entryName(entry) : STATIC_NAMES[index]!;
    if (name === undefined) return NO_TEXT;
    const text = this.#text(bytes, to);
    if (text === undefined) return NO_TEXT;
    const value = indexing ? lastOf(name, text) : text;
    if (indexing) this.#insert(name, value);
    if (!this.#skipping) sink?.field(name, value, neverIndexed);
    return undefined;
  }

  #entryName(entry: number): FieldName {
    this.#usedTable = true;
    return this.#table.name(entry);
  }

  #insert(name: FieldName, value: string): void {
    // One that is larger than the table empties it, and is no error (RFC 7541 4.4).
    if (!this.#table.insert(name, value)) this.#repeatable = false;
    this.#inserted++;
    this.#generation++;
  }

  #name(bytes: Buffer, to: number): FieldName | undefined {
    const huffman = this.#at < to && (bytes[this.#at]! & HUFFMAN) !== 0;
    const end = this.#stringEnd(bytes, to);
    if (end < 0) return undefined;
    const name = wireName(bytes, this.#at, end, huffman);
    this.#at = end;
    return name;
  }

  #text(bytes: Buffer, to: number): string | undefined {
    const huffman = this.#at < to && (bytes[this.#at]! & HUFFMAN) !== 0;
    const end = this.#stringEnd(bytes, to);
    if (end < 0) return undefined;
    const at = this.#at;
    this.#at = end;
    this.#valueInOrder = false;
    this.#valueAt = huffman ? -1 : at;
    if (at === end) return "";
    if (!huffman) return textOf(bytes, at, end);
    const text = huffmanText(bytes, at, end);
    this.#valueInOrder = inOrder;
    return text;
  }

  /** Steps over a string. */
  #pass(bytes: Buffer, to: number): boolean {
    const huffman = this.#at < to && (bytes[this.#at]! & HUFFMAN) !== 0;
    const end = this.#stringEnd(bytes, to);
    if (end < 0) return false;
    const at = this.#at;
    this.#at = end;
    return !huffman || isHuffmanText(bytes, at, end);
  }

  /** Steps over the length of a string. @returns where the string ends; -1 when it is cut off */
  #stringEnd(bytes: Buffer, to: number): number {
    const length = this.#integer(bytes, to, LENGTH_BITS);
    return length < 0 || length > to - this.#at ? -1 : this.#at + length;
  }

  /** @param bits those of the first byte that belong to it @returns -1 when it is cut off or too large */
  #integer(bytes: Buffer, to: number, bits: number): number {
    const at = this.#at;
    if (at >= to) return -1;
    const value = bytes[at]! & bits;
    this.#at = at + 1;
    return value < bits ? value : this.#longInteger(bytes, to, value);
  }

  /** @param value what the first byte stands for */
  #longInteger(bytes: Buffer, to: number, value: number): number {
    const last = Math.min(to, this.#at + MOST_INTEGER_BYTES);
    let whole = value;
    for (let shift = 0; this.#at < last; shift += 7) {
      const byte = bytes[this.#at++]!;
      whole += (byte & 0x7f) << shift;
      if (byte < 0x80) return whole;
    }
    return -1;
  }
}
