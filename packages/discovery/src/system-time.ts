import type { Random, Time } from "@weft/core";

/** The longest a Node timer can wait, in ms; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The process's own monotonic clock and timers.
 *
 * No timer keeps the process alive: a watch must not be the reason why a program that is done does not end.
 */
export const systemTime: Time = {
  nowMs: () => performance.now(),
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
    ).unref();
    signal?.addEventListener("abort", onAbort, { once: true });
    return promise;
  },
};

/** Chance for jitter and spreading: good enough for both, and no secret depends on it. */
export const systemRandom: Random = {
  below: (bound) => Math.floor(Math.random() * bound),
  unit: () => Math.random(),
};
