import { itemsOf } from "./field-lines.ts";
import { FieldList } from "./field-list.ts";

/** Texts kept, a power of two. */
const SLOTS = 64;
/** The longest that is kept. */
const MAX_LENGTH = 1_024;

interface Kept {
  readonly text: string;
  readonly list: FieldList;
}

const kept: (Kept | undefined)[] = Array.from({ length: SLOTS }, () => undefined);

/**
 * The list of fields that lines of text say; where the same text comes again, the same list. Servers answer in much the
 * same words for a second, and clients ask in the same words for ever: to compare them takes a fifth of taking them apart,
 * and what is derived of a list is derived once.
 */
export function listOfLines(text: string): FieldList {
  const { length } = text;
  if (length > MAX_LENGTH || length < 2) return new FieldList(itemsOf(text));
  // Where answers that are alike in length differ: in the middle, and in front of the last CRLF.
  const slot = (length + text.charCodeAt(length >> 1) * 5 + text.charCodeAt(length - 3) * 7) & (SLOTS - 1);
  const last = kept[slot];
  if (last !== undefined && last.text === text) {
    last.list.comesAgain();
    return last.list;
  }
  const list = new FieldList(itemsOf(text));
  kept[slot] = { text, list };
  return list;
}
