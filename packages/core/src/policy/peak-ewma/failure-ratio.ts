import { TAU_MS } from "./peak-latency.ts";

/** Time constant of one observation, in ms: attempts further apart than that replace what was known. */
const OBSERVATION_MS = 1_000;
/** The least weight of one observation: a burst of attempts is averaged over about ten. */
const LEAST_WEIGHT = 0.1;

/**
 * The share of attempts that fail at one endpoint, in [0, 1], by the recent ones.
 *
 *   read(T)       = f * exp(-(T - t) / 10 s)
 *   attempt (y)   : a = max(1 - exp(-(T - t) / 1 s), 0.1);  f = read(T) * (1 - a) + y * a      y = 1 failed, 0 not
 *
 * A ratio, and not a penalty added per failure: with 1 % of background errors on every endpoint, a flat penalty
 * marks them all most of the time and tells nothing any more. Source: reference 2.4.
 */
export class FailureRatio {
  #ratio = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  read(nowMs: number): number {
    if (this.#ratio === 0) return 0;
    const elapsedMs = nowMs - this.#atMs;
    return elapsedMs <= 0 ? this.#ratio : this.#ratio * Math.exp(-elapsedMs / TAU_MS);
  }

  record(failed: boolean, nowMs: number): void {
    if (!failed && this.#ratio === 0) {
      this.#atMs = nowMs;
      return;
    }
    // The first attempt ever follows nothing, so nothing makes it weigh more than one of a burst.
    const elapsedMs = this.#atMs === Number.NEGATIVE_INFINITY ? 0 : Math.max(0, nowMs - this.#atMs);
    const weight = Math.max(1 - Math.exp(-elapsedMs / OBSERVATION_MS), LEAST_WEIGHT);
    this.#ratio = this.read(nowMs) * (1 - weight) + (failed ? weight : 0);
    this.#atMs = Math.max(this.#atMs, nowMs);
  }
}
