import { setTimeout as sleepFor } from "node:timers/promises";
import type { Time } from "@weft/core";

/** The machine's own clock and timers: what the kit runs on unless a test injects others. */
export const realTime: Time = {
  nowMs: () => performance.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      await sleepFor(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted(); // Node wraps the reason into an AbortError of its own
      throw error;
    }
  },
  after(ms, run) {
    const timeout = setTimeout(run, ms);
    timeout.unref();
    return () => clearTimeout(timeout);
  },
};
