import { FieldList } from "../head/field-list.ts";

/** Lists kept of a connection at once, a power of two. */
const SLOTS = 16;
/** The most that a list may count for which is kept (RFC 9113 6.5.2). */
const MAX_BYTES = 2_048;

/**
 * Gives the same list to blocks of one connection whose fields are the same, however their blocks differ: as those of
 * gRPC do, which have another path or trace each time. So what is derived of a list is derived once.
 */
export class ListMemo {
  readonly #lists: (FieldList | undefined)[] = [];

  /**
   * @param items name, value, name, value, of which the first `count` count
   * @param bytes that they count for
   * @param hash  of anything about them
   */
  listOf(items: readonly string[], count: number, bytes: number, hash: number): FieldList {
    if (bytes > MAX_BYTES) return new FieldList(items.slice(0, count));
    const slot = hash & (SLOTS - 1);
    const kept = this.#lists[slot];
    if (kept !== undefined && isSame(kept.items, items, count)) {
      kept.comesAgain();
      return kept;
    }
    const list = new FieldList(items.slice(0, count));
    this.#lists[slot] = list;
    return list;
  }
}

/** Mostly a comparison of pointers: what the table of HPACK holds is the same string each time. */
function isSame(one: readonly string[], other: readonly string[], count: number): boolean {
  if (one.length !== count) return false;
  for (let i = 0; i < count; i++) if (one[i] !== other[i]) return false;
  return true;
}
