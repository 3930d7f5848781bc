/** What a frame that makes work without bringing a body costs its sender. Source: reference engine-h2 9. */
export const COST = {
  ping: 5,
  settings: 10,
  /** Of a caller's stream that was open: the work that it had begun was in vain. */
  reset: 10,
  malformed: 20,
  /** A frame without content where content was to be. */
  empty: 5,
  other: 1,
} as const;

/** Points that may be spent at once, and that come back in a second. */
const POINTS = 2_000;
/** What a finished stream gives back, and a DATA frame that was sent: its WINDOW_UPDATE is no abuse. */
export const REFUND = { stream: 4, data: 2 } as const;

/**
 * How much a peer may make us work for nothing. A flat limit of frames would cut off those who do much good work, for
 * work that ends well is given back. The clock is read only when the budget seems spent.
 */
export class AbuseBudget {
  #points = POINTS;
  #filledMs: number;

  constructor(nowMs: number) {
    this.#filledMs = nowMs;
  }

  /** @returns whether it is spent: the peer is to be cut off */
  spend(points: number, clock: { nowMs(): number }): boolean {
    this.#points -= points;
    return this.#points < 0 && this.#spent(clock.nowMs());
  }

  giveBack(points: number): void {
    this.#points = Math.min(POINTS, this.#points + points);
  }

  #spent(nowMs: number): boolean {
    const earned = Math.floor(((nowMs - this.#filledMs) * POINTS) / 1_000);
    if (earned > 0) {
      this.#filledMs = nowMs;
      this.#points = Math.min(POINTS, this.#points + earned);
    }
    return this.#points < 0;
  }
}
