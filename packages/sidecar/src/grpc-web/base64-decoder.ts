/** Four characters stand for three bytes. */
const QUANTUM = 4;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 0x3d;
/** Of a character outside the alphabet; a value has six bits. */
const NONE = 0xff;
const VALUES = new Uint8Array(256).fill(NONE);
for (const [value, char] of [...ALPHABET].entries()) VALUES[char.charCodeAt(0)] = value;

/**
 * Reads base64 as it comes, at whatever split, also several texts in a row each of which ends with padding of its own:
 * whoever writes gRPC-Web as text pads where it flushes.
 *
 * Strict: only the alphabet of RFC 4648 4, no white space, padding where it belongs, and no bits behind the last byte;
 * readers differ on all of these. Between two calls it holds less than one quantum.
 */
export class Base64Decoder {
  /** Of the quantum that is not complete: its characters, how many of them are padding, and their bits. */
  #chars = 0;
  #pads = 0;
  #bits = 0;
  #broken = false;

  /** Whether the text may end here. */
  get complete(): boolean {
    return this.#chars === 0 && !this.#broken;
  }

  /** @returns the bytes, maybe none; undefined when it is not base64, now and from then on */
  decode(text: Buffer): Buffer | undefined {
    const out = Buffer.allocUnsafe(Math.ceil((this.#chars + text.length) / QUANTUM) * 3);
    let length = 0;
    let at = 0;
    while (at < text.length && !this.#broken) {
      if (this.#chars === 0) {
        const { read, written } = decodeWhole(text, at, out, length);
        at = read;
        length = written;
      }
      if (at === text.length) break;
      this.#broken = !this.#take(text[at++]!);
      if (this.#chars < QUANTUM || this.#broken) continue;
      out[length++] = this.#bits >>> 16;
      if (this.#pads < 2) out[length++] = this.#bits >>> 8;
      if (this.#pads < 1) out[length++] = this.#bits;
      this.#chars = this.#pads = this.#bits = 0;
    }
    return this.#broken ? undefined : out.subarray(0, length);
  }

  /** @returns false when the character may not stand there */
  #take(char: number): boolean {
    this.#chars++;
    if (char === PAD) return this.#pad();
    const value = VALUES[char]!;
    this.#bits = (this.#bits << 6) | value;
    return value !== NONE && this.#pads === 0;
  }

  #pad(): boolean {
    this.#pads++;
    // What the character in front of the padding has beyond the last byte.
    const unused = this.#chars === 3 ? 0b1111 : this.#pads === 1 ? 0b11 : 0;
    const fits = this.#chars >= 3 && (this.#bits & unused) === 0;
    this.#bits <<= 6;
    return fits;
  }
}

/** Decodes quanta without padding, up to the first that is not one, or not all here. */
function decodeWhole(text: Buffer, from: number, out: Buffer, to: number): { read: number; written: number } {
  let read = from;
  let written = to;
  for (; read + QUANTUM <= text.length; read += QUANTUM) {
    const a = VALUES[text[read]!]!;
    const b = VALUES[text[read + 1]!]!;
    const c = VALUES[text[read + 2]!]!;
    const d = VALUES[text[read + 3]!]!;
    if (((a | b | c | d) & 0xc0) !== 0) break;
    out[written++] = (a << 2) | (b >>> 4);
    out[written++] = (b << 4) | (c >>> 2);
    out[written++] = (c << 6) | d;
  }
  return { read, written };
}
