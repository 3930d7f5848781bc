/**
 * The numbers of a node that picks compare: eight to a node, side by side, so that looking at a candidate touches one
 * cache line. As fields of objects they were spread over ten, and a pick among 10,000 endpoints took three times as
 * long as one among ten (test/bench/pick.ts).
 */
export const CELLS = 8;

/** Leases held: attempts whose exchange has not ended. */
export const PENDING = 0;
/** Relative share, > 0. */
export const WEIGHT = 1;
/** Peak latency in ms when it was last written; negative before any attempt was judged. */
export const LATENCY = 2;
export const LATENCY_AT = 3;
/** Share of attempts that fail, when it was last written; -Infinity as the instant before any attempt was. */
export const FAILURES = 4;
export const FAILURES_AT = 5;
/** The endpoint asked to be left alone until then. */
export const HOLD_UNTIL = 6;
/** When the oldest attempt without an answer began; Infinity when there is none. */
export const OLDEST = 7;

/*
 * What a node has reported of itself, and was learned of it, stands in a second row, in the other half of the array: most balancers never look
 * there, and must not pay for it. The row that belongs to the one at `at` begins at `beside(cells, at)`.
 */

/** Requests in flight there besides our own attempts: what it said, less these. */
export const REPORTED_OTHERS = 0;
/** What a request takes there in ms, by its own measure; negative: it never said. */
export const REPORTED_LATENCY = 1;
/** When it said so; -Infinity: it never did. */
export const REPORTED_AT = 2;
/** Attempts that it takes at once, as was learned; Infinity: nothing was. */
export const LEARNED_MOST = 3;

/** Where the second row begins of the node whose first is at `at`. */
export function beside(cells: Float64Array, at: number): number {
  return at + (cells.length >> 1);
}

/** Rows of cells, given out and taken back. */
export class NodeCells {
  /** Row at `row * CELLS`, and in the second half another. Replaced when it grows: never keep it across calls. */
  cells: Float64Array;
  /** Leases held over all rows. */
  pending = 0;
  readonly #free: number[] = [];
  #rows = 0;

  /** @param rows how many there is room for at first, >= 1 */
  constructor(rows = 8) {
    this.cells = new Float64Array(rows * CELLS * 2);
  }

  /** @returns the offset of a fresh row */
  allocate(): number {
    const row = this.#free.pop() ?? this.#rows++;
    const at = row * CELLS;
    const half = this.cells.length / 2;
    if (at >= half) {
      const grown = new Float64Array(half * 4);
      grown.set(this.cells.subarray(0, half));
      grown.set(this.cells.subarray(half), half * 2);
      this.cells = grown;
    }
    this.cells.fill(0, at, at + CELLS);
    return at;
  }

  release(at: number): void {
    this.#free.push(at / CELLS);
  }
}
