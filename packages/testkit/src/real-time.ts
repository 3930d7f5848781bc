import { setTimeout as sleepFor } from "node:timers/promises";
import type { Time } from "@weft/core";
import { checkWait } from "./check-wait.ts";

/** 24 days: a longer timer Node ends at once, with a warning. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's own clock and timers: what the kit runs on unless a test injects others. */
export const realTime: Time = {
  nowMs: () => performance.now(),
  async sleep(ms, signal) {
    checkWait(ms);
    signal?.throwIfAborted();
    try {
      await sleepFor(Math.min(ms, LONGEST_MS), undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted(); // Node wraps the reason into an AbortError of its own
      throw error;
    }
  },
  after(ms, run) {
    checkWait(ms);
    const timeout = setTimeout(run, Math.min(ms, LONGEST_MS));
    timeout.unref();
    return () => clearTimeout(timeout);
  },
};
