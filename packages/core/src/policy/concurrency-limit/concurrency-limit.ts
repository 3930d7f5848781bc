import { type Importance, type ImportanceShares, mayTake } from "./importance.ts";

/**
 * Bounds what may run at once, and knows its name, so that a refusal says which limit to raise.
 *
 * Cost: O(1), no allocation.
 */
export class ConcurrencyLimit {
  /** As in a policy file: `limits.calls`, `rules[0].limits.calls`. */
  readonly name: string;
  /** Whether it moves with what is measured: see `adaptiveLimit`. */
  learns = false;
  /** What calls of each importance have for themselves; undefined: all are alike. */
  shares: ImportanceShares | undefined = undefined;
  readonly #running: Record<Importance, number> = { critical: 0, normal: 0, low: 0 };
  #all = 0;
  #most: number;

  /** @param most how many may run at once, >= 1 */
  constructor(name: string, most: number) {
    this.name = name;
    this.#most = most;
  }

  get running(): number {
    return this.#all;
  }

  get most(): number {
    return this.#most;
  }

  /** A lower limit than what runs refuses until enough has ended; nothing is cut. */
  set most(most: number) {
    this.#most = most;
  }

  runningOf(importance: Importance): number {
    return this.#running[importance];
  }

  /** False, and nothing taken, when the limit is reached, or the share. What was taken is released once. */
  tryAcquire(importance: Importance = "normal"): boolean {
    if (this.#all >= this.#most) return false;
    if (this.shares !== undefined && !mayTake(importance, this.shares, this.#running, this.#most)) return false;
    this.#all++;
    this.#running[importance]++;
    return true;
  }

  /** @param importance as it was acquired with */
  release(importance: Importance = "normal"): void {
    this.#all--;
    this.#running[importance]--;
  }
}
