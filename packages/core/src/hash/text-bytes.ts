/** Room that is kept; what needs more gets it for its own time. */
const KEPT_BYTES = 4 * 1024;

/**
 * The bytes of a text, in a place that the next text overwrites: hashing a key allocates nothing.
 *
 * A text of megabytes gets a place of its own, which is not kept.
 */
export class TextBytes {
  bytes: Uint8Array = new Uint8Array(KEPT_BYTES);
  length = 0;
  readonly #kept = this.bytes;

  /** As UTF-8; half of a surrogate pair is U+FFFD, as TextEncoder has it. */
  utf8(text: string): void {
    this.#room(text.length * 3);
    const { bytes } = this;
    let at = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) {
        bytes[at++] = unit;
        continue;
      }
      const point = text.codePointAt(i)!;
      if (point > 0xffff) i++;
      at = encode(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point, bytes, at);
    }
    this.length = at;
  }

  /** A byte for each character: what a text read off the wire as latin1 was. */
  latin1(text: string): void {
    this.#room(text.length);
    const { bytes } = this;
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    this.length = text.length;
  }

  #room(bytes: number): void {
    this.bytes = bytes <= KEPT_BYTES ? this.#kept : new Uint8Array(bytes);
  }
}

/** @param point from 0x80 on. @returns where its bytes end */
function encode(point: number, bytes: Uint8Array, from: number): number {
  let at = from;
  if (point < 0x800) bytes[at++] = 0xc0 | (point >> 6);
  else {
    if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12);
    else {
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
    }
    bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
  }
  bytes[at++] = 0x80 | (point & 0x3f);
  return at;
}
