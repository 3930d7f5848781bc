import type { Random, Time } from "@weft/core";

/** The longest a Node timer can wait, in ms; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Read by its `hrtime` and not by `performance.now()`: the same clock, without the look at whose method it is. Held, for
 * the global is a getter; not the method, which tests of whoever uses this put another in the place of.
 */
const here = process;

const originMs = origin();

function read(): number {
  const reading = here.hrtime();
  return reading[0] * 1_000 + reading[1] / 1e6;
}

/** Where `performance.now()` begins, for readings of either are compared: by the one of a few tries that took least. */
function origin(): number {
  let leastMs = Number.POSITIVE_INFINITY;
  let atMs = 0;
  for (let tries = 0; tries < 10; tries++) {
    const beforeMs = performance.now();
    const readMs = read();
    const afterMs = performance.now();
    if (afterMs - beforeMs >= leastMs) continue;
    leastMs = afterMs - beforeMs;
    atMs = readMs - (beforeMs + afterMs) / 2;
  }
  return atMs;
}

/**
 * The process's own monotonic clock and timers.
 *
 * `after` does not keep the process alive: a watch must not be the reason why a program that is done does not end.
 * `sleep` does: who awaits the pause before a retry would otherwise see the process end in the middle of it.
 */
export const systemTime: Time = {
  nowMs: () => read() - originMs,
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST_MS)).unref();
    return () => clearTimeout(timer);
  },
  sleep(ms, signal) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) {
      reject(signal.reason);
      return promise;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
      Math.min(ms, LONGEST_MS),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
    return promise;
  },
};

/** State of the generator, in memory of its own: Math.random makes an object of each number it draws. */
const state = new Int32Array([Math.trunc(Math.random() * 2 ** 32) | 1]);

/** Chance for jitter and spreading: good enough for both, and no secret depends on it. Source: Marsaglia's xorshift32. */
export const systemRandom: Random = {
  below: (bound) => Math.floor((next() / 2 ** 32) * bound),
  unit: () => next() / 2 ** 32,
};

function next(): number {
  let x = state[0]!;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  state[0] = x;
  return x >>> 0;
}
