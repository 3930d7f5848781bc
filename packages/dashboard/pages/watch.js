/** @import { Connection } from "./types.d.ts" */

/** How often the sidecar is asked, how long it may think before the page says so, how long a page waits at most. In ms. */
const TIMES = { every: 1_000, slow: 1_500, again: 1_000, mostAgain: 8_000 };
/** A sidecar that takes long over an answer is asked less often: at most this share of its time is ours. */
const SHARE = 0.1;

/**
 * Asks again and again, one round at a time: a new one begins only when the last has ended, however long that took. After
 * a failure it waits, longer each time; it goes on by itself. Nothing is asked while nobody looks.
 *
 * @param {(signal: AbortSignal) => Promise<void>} round rejects when the sidecar did not answer
 * @param {(connection: Connection) => void} told of each change
 */
export function watch(round, told) {
  /** @type {number | undefined} */
  let atMs;
  let failures = 0;
  let running = false;
  let wanted = false;
  let paused = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const stopped = new AbortController();

  const idle = () => paused || document.hidden;

  async function go() {
    clearTimeout(timer);
    if (running || stopped.signal.aborted) return void (wanted = running);
    if (idle()) return told({ kind: "paused", atMs, by: paused ? "you" : "background" });
    running = true;
    wanted = false;
    const began = performance.now();
    const slow = setTimeout(() => told({ kind: "slow", atMs, sinceMs: began }), TIMES.slow);
    try {
      await round(stopped.signal);
      failures = 0;
      atMs = performance.now();
      told(idle() ? { kind: "paused", atMs, by: paused ? "you" : "background" } : { kind: "live", atMs });
      later(Math.max(TIMES.every - (atMs - began), (atMs - began) * (1 / SHARE - 1), 100));
    } catch (error) {
      const waitMs = Math.min(TIMES.mostAgain, TIMES.again * 2 ** failures++);
      const why = error instanceof Error ? error.message : String(error);
      told({ kind: "lost", atMs, why, againAtMs: performance.now() + waitMs });
      later(waitMs);
    } finally {
      clearTimeout(slow);
      running = false;
    }
    if (wanted && failures === 0) void go();
  }

  /** @param {number} ms */
  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(() => void go(), ms);
  }

  const looked = () => void go();
  document.addEventListener("visibilitychange", looked);
  later(0); // not before the caller has what is returned
  return {
    /** Does not wait for the next time: what is wanted has changed. One that is under way is followed by another. */
    now: () => void go(),
    get paused() {
      return paused;
    },
    /** @param {boolean} on */
    pause(on) {
      paused = on;
      void go();
    },
    close() {
      stopped.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", looked);
    },
  };
}
