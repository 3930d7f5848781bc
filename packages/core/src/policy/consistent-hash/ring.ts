import { below, type Word64 } from "../../hash/word64.ts";
import type { Placement } from "./placement.ts";
import { ascending } from "./sort-words.ts";

/** The points of a ring, before they are sorted. */
export interface Points {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  /** The place of the endpoint that each belongs to. */
  readonly owner: Uint32Array;
}

/** Makes room for so many points of each endpoint, and says whose they are. */
export function pointsFor(counts: readonly number[]): Points {
  const size = counts.reduce((sum, count) => sum + count, 0);
  const points = { high: new Uint32Array(size), low: new Uint32Array(size), owner: new Uint32Array(size) };
  let at = 0;
  counts.forEach((count, place) => {
    points.owner.fill(place, at, at + count);
    at += count;
  });
  return points;
}

/**
 * A ring of points, each of an endpoint: a hash belongs to the first point at or behind it, and the last is followed by
 * the first. So an endpoint that goes leaves its keys to those behind its points, and no other key moves.
 *
 * Hashes fall everywhere alike, so their upper bits say about where to look: in an arc of the ring with a point or two.
 * Cost of a look: O(1), and O(log points) where points lie close; 16 bytes a point at most.
 */
export class Ring implements Placement {
  readonly size: number;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #owner: Uint32Array;
  /** Of each arc, its first point; then the number of points. An arc ends where the next begins. */
  readonly #arcs: Uint32Array;
  /** Takes the bits of a hash that are not the number of its arc. */
  readonly #shift: number;

  constructor({ high, low, owner }: Points) {
    const order = ascending(high, low);
    this.size = order.length;
    this.#high = order.map((from) => high[from]!);
    this.#low = order.map((from) => low[from]!);
    this.#owner = order.map((from) => owner[from]!);
    const bits = Math.max(1, Math.floor(Math.log2(this.size)));
    this.#shift = 32 - bits;
    this.#arcs = arcsOf(this.#high, bits);
  }

  find({ high, low }: Word64): number {
    const arc = high >>> this.#shift;
    let first = this.#arcs[arc]!;
    let end = this.#arcs[arc + 1]!;
    while (first < end) {
      const middle = (first + end) >>> 1;
      if (below(this.#high[middle]! | 0, this.#low[middle]! | 0, high, low)) first = middle + 1;
      else end = middle;
    }
    return first === this.size ? 0 : first;
  }

  at(found: number, _hash: Word64, probe: number): number {
    return this.#owner[(found + probe) % this.size]!;
  }

  /** The points in order. For tests and for people. */
  *points(): Iterable<{ readonly high: number; readonly low: number; readonly owner: number }> {
    for (let i = 0; i < this.size; i++) yield { high: this.#high[i]!, low: this.#low[i]!, owner: this.#owner[i]! };
  }
}

/** @param high of the points, ascending @param bits of a hash that number its arc, 1 to 31 */
function arcsOf(high: Uint32Array, bits: number): Uint32Array {
  const arcs = new Uint32Array(2 ** bits + 1);
  let point = 0;
  for (let arc = 0; arc < arcs.length; arc++) {
    while (point < high.length && high[point]! >>> (32 - bits) < arc) point++;
    arcs[arc] = point;
  }
  return arcs;
}
