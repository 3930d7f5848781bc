/** @import { Connection } from "./types.d.ts" */

/**
 * In ms: how often the sidecar is asked, and how seldom at most while it answers; how long it may think before the page
 * says so; how long it is left alone between two rounds whatever is wanted; what a failure is followed by, at first and
 * at most.
 */
const TIMES = { every: 1_000, seldom: 3_000, slow: 1_500, rest: 150, again: 1_000, mostAgain: 8_000 };
/** A sidecar that takes long over its answers is asked less often: so much of the time is ours. */
const SHARE = 0.1;

/**
 * Asks again and again, one round at a time: a new one begins only when the last has ended, however long that took. After
 * a failure it waits, longer each time; it goes on by itself. Nothing is asked while nobody looks.
 *
 * @param {() => Promise<void>} round rejects when the sidecar did not answer
 * @param {(connection: Connection) => void} told of each change
 */
export function watch(round, told) {
  /** @type {number | undefined} of the last answer */
  let atMs;
  let endedMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let running = false;
  let wanted = false;
  let paused = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const idle = () => paused || document.hidden;

  async function go() {
    clearTimeout(timer);
    if (running) return;
    if (idle()) return told({ kind: "paused", atMs, by: paused ? "you" : "background" });
    running = true;
    wanted = false;
    const beganMs = performance.now();
    const slow = setTimeout(() => {
      if (failures === 0) told({ kind: "slow", atMs, sinceMs: beganMs });
    }, TIMES.slow);
    try {
      await round();
      endedMs = atMs = performance.now();
      failures = 0;
      told({ kind: "live", atMs });
      const tookMs = atMs - beganMs;
      const waitMs = Math.min(TIMES.seldom, Math.max(TIMES.every - tookMs, tookMs * (1 / SHARE - 1)));
      later(wanted || idle() ? TIMES.rest : waitMs);
    } catch (error) {
      endedMs = performance.now();
      const waitMs = Math.min(TIMES.mostAgain, TIMES.again * 2 ** failures++);
      const why = error instanceof Error ? error.message : String(error);
      told({ kind: "lost", atMs, why, againAtMs: endedMs + waitMs });
      later(waitMs);
    } finally {
      clearTimeout(slow);
      running = false;
    }
  }

  /** @param {number} ms */
  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(() => void go(), ms);
  }

  /** Does not wait for the next time. One that is under way is followed by another. */
  function now() {
    wanted = true;
    if (!running) later(Math.max(0, endedMs + TIMES.rest - performance.now()));
  }

  document.addEventListener("visibilitychange", now);
  later(0); // not before the caller has what is returned
  return {
    now,
    get paused() {
      return paused;
    },
    /** @param {boolean} on */
    pause(on) {
      paused = on;
      void go();
    },
  };
}
