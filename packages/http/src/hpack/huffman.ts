import {
  COUNT_SHIFT,
  FIRST_SHIFT,
  LAST_ENDING_STATE,
  SECOND_SHIFT,
  STATE_SHIFT,
  STEPS,
  WRONG,
} from "./huffman-machine.ts";
import { textOf } from "./text-of.ts";

/** Space that a decoded text needs for each byte: two codes end in one byte at most. */
const MOST_SYMBOLS = 2;
const SCRATCH_BYTES = 4_096;

/** Where texts are decoded before they become strings. */
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/**
 * Decodes a text into `into`.
 *
 * @param into with room for two bytes for each one that is read
 * @returns how many bytes it has, or -1 when EOS stands in it, or its end is not filled up with fewer than eight ones
 */
function decodeHuffman(bytes: Buffer, from: number, to: number, into: Buffer): number {
  let state = 0;
  let length = 0;
  for (let at = from; at < to; at++) {
    const step = STEPS[(state << 8) | bytes[at]!]!;
    if (step === WRONG) return -1;
    state = step >>> STATE_SHIFT;
    // Both are written whatever their count: what is too much is overwritten by the next.
    into[length] = step >>> FIRST_SHIFT;
    into[length + 1] = step >>> SECOND_SHIFT;
    length += (step >>> COUNT_SHIFT) & 3;
  }
  return state <= LAST_ENDING_STATE ? length : -1;
}

/** The text, a character for each byte; undefined when it is none. */
export function huffmanText(bytes: Buffer, from: number, to: number): string | undefined {
  const most = (to - from) * MOST_SYMBOLS;
  const into = most <= SCRATCH_BYTES ? scratch : Buffer.allocUnsafe(most);
  const length = decodeHuffman(bytes, from, to, into);
  return length < 0 ? undefined : textOf(into, 0, length);
}

/** Whether it is a text, for those who do not want to have it. */
export function isHuffmanText(bytes: Buffer, from: number, to: number): boolean {
  let state = 0;
  for (let at = from; at < to; at++) {
    const step = STEPS[(state << 8) | bytes[at]!]!;
    if (step === WRONG) return false;
    state = step >>> STATE_SHIFT;
  }
  return state <= LAST_ENDING_STATE;
}
