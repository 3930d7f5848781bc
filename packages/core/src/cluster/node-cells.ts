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

/** Rows of cells, given out and taken back. */
export class NodeCells {
  /** Row at `row * CELLS`. Replaced when it grows: never keep it across calls. */
  cells: Float64Array;
  /** Leases held over all rows. */
  pending = 0;
  readonly #free: number[] = [];
  #rows = 0;

  /** @param rows how many there is room for at first, >= 1 */
  constructor(rows = 8) {
    this.cells = new Float64Array(rows * CELLS);
  }

  /** @returns the offset of a fresh row */
  allocate(): number {
    const row = this.#free.pop() ?? this.#rows++;
    if (row * CELLS >= this.cells.length) {
      const grown = new Float64Array(this.cells.length * 2);
      grown.set(this.cells);
      this.cells = grown;
    }
    this.cells.fill(0, row * CELLS, (row + 1) * CELLS);
    return row * CELLS;
  }

  release(at: number): void {
    this.#free.push(at / CELLS);
  }
}
