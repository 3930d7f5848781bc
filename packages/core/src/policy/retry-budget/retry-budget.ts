import { SET_BACK_MS } from "../../time/time.ts";

/**
 * Limits retries to a share of the calls, so that an outage is not multiplied by those who suffer from it.
 *
 * Each call deposits one token that lives for `windowMs`; a retry withdraws `1 / ratio`. A reserve of
 * `minPerSecond` retries keeps a quiet client able to retry at all.
 *
 * Source: Finagle RetryBudget (20 % + 10/s, 10 s). Cost: O(1) per call, no allocation.
 */
export interface RetryBudget {
  deposit(nowMs: number): void;
  /** Takes one retry out of the budget. False, and nothing taken, when it is spent. */
  withdraw(nowMs: number): boolean;
  /** Retries that would be granted now. For metrics and `explain`. */
  remaining(nowMs: number): number;
}

export interface RetryBudgetOptions {
  /** Retries per call, 0 to 1. 0 leaves only the reserve. Default 0.2 (Finagle). */
  readonly ratio: number;
  /** Retries granted each second whatever the traffic, >= 0. Default 10 (Finagle). */
  readonly minPerSecond: number;
  /** How long a deposit counts, in ms. Default 10,000 (Finagle). */
  readonly windowMs: number;
}

export const RETRY_BUDGET_DEFAULTS: RetryBudgetOptions = { ratio: 0.2, minPerSecond: 10, windowMs: 10_000 };

const SLICES = 10;

export function retryBudget(options: RetryBudgetOptions = RETRY_BUDGET_DEFAULTS): RetryBudget {
  const { ratio, minPerSecond, windowMs } = options;
  const sliceMs = windowMs / SLICES;
  const reserve = (minPerSecond * windowMs) / 1000;

  // A place in a ring holds what came in one tenth of the window. Old ones are cleared when the ring comes round, so no
  // timer is needed and a clock that jumps far ahead clears each of them once. Ten tenths of calls are at most a window,
  // eleven of retries at least one: so no window ever has more retries than its calls allow.
  const calls = new Float64Array(SLICES);
  const retries = new Float64Array(SLICES + 1);
  let newest = Number.NEGATIVE_INFINITY;
  /** Where the newest slice lies in each ring. */
  let callsAt = 0;
  let retriesAt = 0;
  /** Slices by which the clock was set back. */
  let lost = 0;
  /** Of the newest slice, on the clock: nothing turns within it. */
  let beganMs = Number.POSITIVE_INFINITY;
  let endsMs = Number.NEGATIVE_INFINITY;

  function turnTo(nowMs: number): void {
    if (nowMs >= beganMs && nowMs < endsMs) return;
    // A clock that was set back goes on from where it was: otherwise nothing would fall out until it has caught up.
    if (nowMs < (newest - lost) * sliceMs - SET_BACK_MS) lost = newest - Math.floor(nowMs / sliceMs);
    const slice = Math.floor(nowMs / sliceMs) + lost;
    const first = Math.max(newest + 1, slice - SLICES);
    for (let s = first; s <= slice; s++) calls[placeOf(s, SLICES)] = retries[placeOf(s, SLICES + 1)] = 0;
    // A reading from before writes into the newest slice: the budget may be late, never generous.
    newest = Math.max(newest, slice);
    callsAt = placeOf(newest, SLICES);
    retriesAt = placeOf(newest, SLICES + 1);
    beganMs = (newest - lost) * sliceMs;
    endsMs = beganMs + sliceMs;
  }

  function left(): number {
    return reserve + ratio * sum(calls) - sum(retries);
  }

  return {
    deposit(nowMs) {
      turnTo(nowMs);
      calls[callsAt]! += 1;
    },
    withdraw(nowMs) {
      turnTo(nowMs);
      if (left() < 1) return false;
      retries[retriesAt]! += 1;
      return true;
    },
    remaining(nowMs) {
      turnTo(nowMs);
      return Math.max(0, Math.floor(left()));
    },
  };
}

/** Where slice `s` lies in a ring. Slices before the start of the clock are negative, and `%` keeps the sign. */
function placeOf(s: number, size: number): number {
  return ((s % size) + size) % size;
}

function sum(slices: Float64Array): number {
  let total = 0;
  for (const value of slices) total += value;
  return total;
}
