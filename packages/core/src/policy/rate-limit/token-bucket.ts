import { SET_BACK_MS } from "../../time/time.ts";

export interface RateOptions {
  /** Calls a second in the long run, > 0. */
  readonly perSecond: number;
  /** Calls at once after a quiet time, >= 1. */
  readonly burst: number;
}

/**
 * Lets through so many calls a second, and a burst of them after a quiet time. Full at the start.
 *
 * Tokens are reckoned when they are asked for: no timer. A clock that steps back gives none, and takes none; from there
 * on it gives them at its pace.
 */
export class TokenBucket {
  readonly perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor({ perSecond, burst }: RateOptions) {
    this.perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes one. False, and nothing taken, when there is none. */
  take(nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** How long until there is one, in ms; 0: there is. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) * 1_000) / this.perSecond;
  }

  #fill(nowMs: number): void {
    if (nowMs <= this.#atMs) {
      if (nowMs < this.#atMs - SET_BACK_MS) this.#atMs = nowMs;
      return;
    }
    const passedMs = nowMs - this.#atMs;
    this.#atMs = nowMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + (passedMs * this.perSecond) / 1_000);
  }
}
