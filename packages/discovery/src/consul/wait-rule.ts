const SHORTEST_MS = 10_000;
const EOFS = 3;
const GROW_AFTER_MS = 600_000;
/** A connection cut younger than this is trouble, not somebody's read timeout. */
const YOUNG_MS = 5_000;
/** How far the ages of cuts by one and the same timeout lie apart, as a share of the age. */
const SPREAD_RATIO = 0.2;

/**
 * How long a blocking query asks the agent to wait.
 *
 * Something between us and Consul may cut polls at a fixed age (Consul 1.22 did so itself at 30 s). After three cuts
 * in a row at about the same age, all before the wait was over, the wait is halved, down to 10 s; after ten minutes it
 * tries to grow again. Such a cut is no outage.
 *
 * Source: hashicorp/consul#23267.
 */
export class WaitRule {
  readonly #longestMs: number;
  #waitMs: number;
  #changedAtMs = 0;
  #ages: readonly number[] = [];

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
    this.#waitMs = longestMs;
  }

  /** What to ask for now, in ms. */
  waitMs(nowMs: number): number {
    if (this.#waitMs < this.#longestMs && nowMs - this.#changedAtMs >= GROW_AFTER_MS) {
      this.#waitMs = Math.min(this.#longestMs, this.#waitMs * 2);
      this.#changedAtMs = nowMs;
    }
    return this.#waitMs;
  }

  /** A whole answer came. */
  answered(): void {
    this.#ages = [];
  }

  /**
   * The connection ended before any answer.
   *
   * @param ageMs since the request was sent
   * @returns whether it was a cut at a steady age, to be asked again at once; false when it counts as a failure
   */
  cut(ageMs: number, nowMs: number): boolean {
    if (ageMs < YOUNG_MS || ageMs >= this.#waitMs) return false;
    this.#ages = [...this.#ages, ageMs].slice(-EOFS);
    const spread = Math.max(...this.#ages) - Math.min(...this.#ages);
    if (this.#ages.length === EOFS && spread <= SPREAD_RATIO * ageMs) {
      this.#waitMs = Math.max(Math.min(SHORTEST_MS, this.#longestMs), this.#waitMs / 2);
      this.#changedAtMs = nowMs;
      this.#ages = [];
    }
    return true;
  }
}
