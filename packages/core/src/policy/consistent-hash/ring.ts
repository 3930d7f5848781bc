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
 * Cost of a look: O(log points); 12 bytes a point.
 */
export class Ring implements Placement {
  readonly size: number;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #owner: Uint32Array;

  constructor({ high, low, owner }: Points) {
    const order = ascending(high, low);
    this.size = order.length;
    this.#high = order.map((from) => high[from]!);
    this.#low = order.map((from) => low[from]!);
    this.#owner = order.map((from) => owner[from]!);
  }

  find({ high, low }: Word64): number {
    let first = 0;
    let end = this.size;
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
