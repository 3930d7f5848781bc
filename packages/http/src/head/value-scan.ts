import { VALUE } from "./byte-tables.ts";

/**
 * Where the field value that begins at `from` stops: at the first byte that no value may hold, or at `to`.
 *
 * Values are most of a head. They are read four bytes at a time where all four are plain, which is about four times as
 * fast as one by one; a tab, or whatever ends the value, is looked at by itself.
 *
 * @param words the memory of `bytes`, of which `offset` is where `bytes` begins
 */
export function behindValue(bytes: Buffer, words: Int32Array, offset: number, from: number, to: number): number {
  let at = from;
  for (;;) {
    // Up to the next word: two or three bytes at the start, and behind each tab.
    do {
      if (at >= to || VALUE[bytes[at]!] === 0) return at;
      at++;
    } while (((offset + at) & 3) !== 0);
    while (at + 4 <= to && isPlain(words[(offset + at) >> 2]!)) at += 4;
  }
}

let lastMemory: ArrayBufferLike | undefined;
let lastWords: Int32Array = new Int32Array();

/** All of the memory that the bytes lie in, in words; what is left over at its end is not among them. */
export function wordsOf(bytes: Buffer): Int32Array {
  const memory = bytes.buffer;
  // Upstream reads come in one shared buffer: its words are made once.
  if (memory !== lastMemory) {
    lastMemory = memory;
    lastWords = new Int32Array(memory, 0, memory.byteLength >> 2);
  }
  return lastWords;
}

/**
 * Whether none of the four bytes is below 0x20 or 0x7f; bytes from 0x80 are plain. Now and then "no" for four plain
 * ones, because a carry runs from byte to byte, never "yes" for others.
 *
 * A byte below 0x20 wraps when 0x20 is taken away, 0x7f becomes 0x80 when 1 is added: either sets its highest bit, which
 * was not set before.
 */
function isPlain(word: number): boolean {
  return (((word - 0x20202020) | (word + 0x01010101)) & ~word & HIGHEST_BITS) === 0;
}

const HIGHEST_BITS = 0x80808080 | 0;
