import { digitOf } from "../hex-digit.ts";

/** Protocol Buffers' wire types. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * Up to here a text is written character by character: a call into the runtime costs more. Longer ones are mostly put
 * together of parts, and to read such a text by characters costs four times as much.
 */
const SHORT = 32;

/** Of a character in UTF-8: those that take four are two in a string. */
const MOST_BYTES = 3;

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

const TWO_32 = 2 ** 32;
const TWO_20 = 2 ** 20;
const TWO_12 = 2 ** 12;

/**
 * Writes a message of Protocol Buffers from its end to its start, so that a length is known when it is written, and
 * nothing is measured before or moved afterwards. Fields come out in the order opposite to that of the calls.
 *
 *   const end = writer.at;
 *   writer.text(1, "x");           // the fields of an inner message ...
 *   writer.message(9, end);        // ... then its head
 *
 * What does not fit is lost, and `at` is negative: whoever wrote asks for `grow`, and writes again.
 */
export class ProtobufWriter {
  #bytes: Buffer;
  #double: DataView;
  readonly #trace = new KnownId(TRACE_DIGITS);
  readonly #span = new KnownId(SPAN_DIGITS);
  /** Where the last byte that was written stands. */
  at: number;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#double = viewOf(this.#bytes);
    this.at = size;
  }

  get size(): number {
    return this.#bytes.length;
  }

  /** Forgets what was written. */
  reset(): void {
    this.at = this.#bytes.length;
  }

  /** Forgets what was written, and makes room for twice as much. */
  grow(): void {
    this.#bytes = Buffer.allocUnsafeSlow(this.#bytes.length * 2);
    this.#double = viewOf(this.#bytes);
    this.reset();
  }

  /** Puts what was written into `target`, from `start` on. */
  copyTo(target: Buffer, start: number): void {
    this.#bytes.copy(target, start, this.at);
  }

  /** What was written since `at` was `end`. */
  copy(end: number): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, this.at, end);
  }

  /** What is a message already, or several fields of one. */
  raw(bytes: Uint8Array): void {
    this.at -= bytes.length;
    if (this.at >= 0) this.#bytes.set(bytes, this.at);
  }

  /** @param value a whole number from 0 to 2^53 */
  varint(field: number, value: number): void {
    this.#varint(value);
    this.#tag(field, VARINT);
  }

  double(field: number, value: number): void {
    this.at -= 8;
    if (this.at >= 0) this.#double.setFloat64(this.at, value, true);
    this.#tag(field, FIXED64);
  }

  /** @param value from 0 to 2^32 - 1 */
  fixed32(field: number, value: number): void {
    this.#word(value);
    this.#tag(field, FIXED32);
  }

  /** An instant in nanoseconds, of which a number cannot hold all digits. @param ms since 1970, with fractions */
  nanoseconds(field: number, ms: number): void {
    const whole = Math.floor(ms);
    const high = Math.floor(whole / TWO_20) * 1e6; // * 2^20
    const low = (whole % TWO_20) * 1e6 + Math.round((ms - whole) * 1e6);
    const sum = (high % TWO_12) * TWO_20 + low;
    this.#word(Math.floor(high / TWO_12) + Math.floor(sum / TWO_32));
    this.#word(sum % TWO_32);
    this.#tag(field, FIXED64);
  }

  /**
   * @param digits hexadecimal, in lower case, of which two make a byte. What came last of this length is known: spans of
   *   one call have the same trace, and the second one's parent is the first
   */
  hex(field: number, digits: string): void {
    const end = this.at;
    const known = digits.length === TRACE_DIGITS ? this.#trace : this.#span;
    if (known.digits !== digits) known.read(digits);
    this.raw(known.bytes);
    this.message(field, end);
  }

  text(field: number, text: string): void {
    const end = this.at;
    if (text.length > SHORT || !this.#ascii(text)) this.#utf8(text);
    this.message(field, end);
  }

  /** Ends an inner message that everything since `end` belongs to. */
  message(field: number, end: number): void {
    this.#varint(end - this.at);
    this.#tag(field, LENGTH);
  }

  /** Its length is known when it is written: it goes where there is room for the longest, and then to its place. */
  #utf8(text: string): void {
    const end = this.at;
    const start = end - text.length * MOST_BYTES;
    this.at = start;
    if (start < 0) return;
    const length = this.#bytes.write(text, start, end - start);
    this.at = end - length;
    if (this.at !== start) this.#bytes.copyWithin(this.at, start, start + length);
  }

  /** @returns false, and nothing has been written, when there is a character of more than one byte */
  #ascii(text: string): boolean {
    const bytes = this.#bytes;
    let at = this.at;
    for (let i = text.length - 1; i >= 0; i--) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[--at] = code; // before the start it goes nowhere
    }
    this.at = at;
    return true;
  }

  #tag(field: number, wire: number): void {
    this.#varint(field * 8 + wire);
  }

  #varint(value: number): void {
    if (value < 0x80) {
      this.#bytes[--this.at] = value;
      return;
    }
    let length = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
    this.at -= length;
    let at = this.at;
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[at++] = (rest % 0x80) + 0x80;
    this.#bytes[at] = rest;
  }

  /** 32 bits, the lowest byte first. */
  #word(value: number): void {
    const bytes = this.#bytes;
    const at = (this.at -= 4);
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** An id's bytes, until the next one of its length. */
class KnownId {
  digits = "";
  readonly bytes: Uint8Array;

  constructor(digits: number) {
    this.bytes = new Uint8Array(digits / 2);
  }

  read(digits: string): void {
    const { bytes } = this;
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] = (digitOf(digits.charCodeAt(2 * i)) << 4) | digitOf(digits.charCodeAt(2 * i + 1));
    }
    this.digits = digits;
  }
}
