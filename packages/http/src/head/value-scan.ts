import { VALUE } from "./byte-tables.ts";
import { MemoryView } from "./memory-view.ts";

/**
 * Where the field value that begins at `from` stops: at the first byte that no value may hold, or at `to`.
 *
 * Values are most of a head. They are read a word of four bytes at a time, which is about four times as fast as one by
 * one. The first word may begin in front of the value: its foreign bytes are made to look plain.
 *
 * @param words the memory of `bytes`, of which `offset` is where `bytes` begins; NO_WORDS: it is read byte by byte
 */
export function behindValue(bytes: Buffer, words: Int32Array, offset: number, from: number, to: number): number {
  if (from >= to) return to;
  let index = (offset + from) >> 2;
  const lastIndex = (offset + to - 1) >> 2;
  if (!LITTLE_ENDIAN || lastIndex >= words.length) return behindBytes(bytes, from, to);
  let marks = marked(words[index]! | FOREIGN[(offset + from) & 3]!);
  for (;;) {
    while (marks === 0) {
      if (++index > lastIndex) return to;
      marks = marked(words[index]!);
    }
    const at = (index << 2) - offset + ((31 - Math.clz32(marks & -marks)) >> 3);
    if (at >= to) return to;
    if (VALUE[bytes[at]!] === 0) return at;
    marks &= marks - 1; // a tab, or a mark by a carry
  }
}

function behindBytes(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && VALUE[bytes[at]!] !== 0) at++;
  return at;
}

/** In the place of the memory of bytes that are not worth a view of it. */
export const NO_WORDS: Int32Array = new Int32Array(0);

/** Memory in words; what is left over at its end is no word, and not among them. */
export function memoryWords(): MemoryView<Int32Array> {
  return new MemoryView((memory) => new Int32Array(memory, 0, memory.byteLength >> 2));
}

/**
 * Sets the highest bit of each byte of the word that is below 0x20 or 0x7f; bytes from 0x80 are never marked. Now and
 * then it marks one too many, because a carry runs from byte to byte, never one too few.
 *
 * A byte below 0x20 wraps when 0x20 is taken away, 0x7f becomes 0x80 when 1 is added: either sets its highest bit, which
 * was not set before.
 */
function marked(word: number): number {
  return ((word - 0x20202020) | (word + 0x01010101)) & ~word & HIGHEST_BITS;
}

const HIGHEST_BITS = 0x80808080 | 0;
/** Highest bits of the bytes of a word that lie before its nth. */
const FOREIGN = Int32Array.of(0, 0x80, 0x8080, 0x808080);
const LITTLE_ENDIAN = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;
