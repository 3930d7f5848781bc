import { setImmediate as nextTurn } from "node:timers/promises";
import type { Time } from "@weft/core";
import { checkWait } from "./check-wait.ts";

/** Virtual time: stands still until the test advances it. */
export interface FakeTime extends Time {
  /**
   * Moves the clock on by `ms` (at least 0; 0 runs what is due now) and runs every timer due by then, each at its own
   * instant, those of one instant in order of creation, and those that timers start as well.
   *
   * Before the first timer and after each, everything that can go on without time passing does: promises settle, and
   * their continuations start new timers.
   *
   * @throws RangeError for a length that is no number, negative or not finite; Error when the clock is being advanced
   * already; whatever a callback of `after` throws, with the clock left at that timer's instant
   */
  advance(ms: number): Promise<void>;
  /**
   * The same, up to the instant `atMs`.
   *
   * @throws also RangeError when `atMs` has passed
   */
  advanceTo(atMs: number): Promise<void>;
  /** Timers that are waiting. 0 at the end of a test shows that nothing leaked. */
  pending(): number;
}

interface FakeTimer {
  readonly atMs: number;
  /** Counts up with each timer: decides between timers of the same instant. */
  readonly order: number;
  readonly run: () => void;
}

/**
 * Makes a clock and a timer under the test's control. A timer of 0 ms, too, waits for the next `advance`.
 *
 * @param startMs what the clock shows at first
 * @throws RangeError for a start that is not a finite number: no timer would ever be due
 */
export function fakeTime(startMs = 0): FakeTime {
  if (!Number.isFinite(startMs)) throw new RangeError(`a clock cannot show ${startMs} ms: it must be a finite number`);
  // Latest first, so that the next one due is taken off the end. Source of the order: `isBefore`.
  const waiting: FakeTimer[] = [];
  let nowMs = startMs;
  let created = 0;
  let advancing = false;

  function after(ms: number, run: () => void): () => void {
    checkWait(ms);
    const timer = { atMs: nowMs + ms, order: created++, run };
    waiting.splice(placeOf(timer, waiting), 0, timer);
    return () => {
      const at = placeOf(timer, waiting);
      if (waiting[at] === timer) waiting.splice(at, 1);
    };
  }

  async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = after(ms, resolve);
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async function runUntil(targetMs: number): Promise<void> {
    if (advancing) throw new Error("the clock is being advanced already: await the first advance before the next");
    advancing = true;
    try {
      await nextTurn();
      for (let next = waiting.at(-1); next !== undefined && next.atMs <= targetMs; next = waiting.at(-1)) {
        waiting.pop();
        nowMs = next.atMs;
        next.run();
        await nextTurn();
      }
      nowMs = targetMs;
    } finally {
      advancing = false;
    }
  }

  return {
    nowMs: () => nowMs,
    after,
    sleep,
    async advance(ms) {
      if (!(Number.isFinite(ms) && ms >= 0)) {
        throw new RangeError(`cannot advance by ${ms} ms: a finite number of at least 0 is allowed`);
      }
      await runUntil(nowMs + ms);
    },
    async advanceTo(atMs) {
      if (!(Number.isFinite(atMs) && atMs >= nowMs)) {
        throw new RangeError(`cannot advance to ${atMs} ms: the clock shows ${nowMs} ms`);
      }
      await runUntil(atMs);
    },
    pending: () => waiting.length,
  };
}

/** The index at which the timer stands, or would stand, in a list with the latest first. */
function placeOf(timer: FakeTimer, waiting: readonly FakeTimer[]): number {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = waiting[middle];
    if (other !== undefined && isBefore(timer, other)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(a: FakeTimer, b: FakeTimer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
