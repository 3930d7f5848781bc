import { isBlank } from "../head/field-lines.ts";
import {
  CONTROL,
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

/** From a step to the row of the next one. */
const ROW_SHIFT = STATE_SHIFT - 8;
const ROW = 0xff00;
const LAST_ENDING_ROW = LAST_ENDING_STATE << 8;

/** Where texts are decoded before they become strings. */
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/** Whether the last text of `huffmanText` is one that a field may have as its value (RFC 9113 8.2.1). */
export let inOrder = false;

/**
 * Decodes a text into `into`.
 *
 * @param into with room for two bytes for each one that is read
 * @returns how many bytes it has, or -1 when EOS stands in it, or its end is not filled up with fewer than eight ones
 */
function decodeHuffman(bytes: Buffer, from: number, to: number, into: Buffer): number {
  let row = 0;
  let length = 0;
  let odd = 0;
  for (let at = from; at < to; at++) {
    const step = STEPS[row | bytes[at]!]!;
    if (step === WRONG) return -1;
    row = (step >>> ROW_SHIFT) & ROW;
    // Both are written whatever their count: what is too much is overwritten by the next.
    into[length] = step >>> FIRST_SHIFT;
    into[length + 1] = step >>> SECOND_SHIFT;
    length += (step >>> COUNT_SHIFT) & 3;
    odd |= step & CONTROL;
  }
  inOrder = odd === 0 && length > 0 && !isBlank(into[0]!) && !isBlank(into[length - 1]!);
  return row <= LAST_ENDING_ROW ? length : -1;
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
  let row = 0;
  for (let at = from; at < to; at++) {
    const step = STEPS[row | bytes[at]!]!;
    if (step === WRONG) return false;
    row = (step >>> ROW_SHIFT) & ROW;
  }
  return row <= LAST_ENDING_ROW;
}
