import type { Time } from "@weft/core";

/** How long a body may take whatever its size, in ms; beyond that it must have come at the rate. */
const GRACE_MS = 5_000;
/**
 * Bytes a second. What an agent answers is whole when its head leaves: only a line is slow, and one of 64 kbit/s has eight
 * times as much.
 */
const MIN_RATE = 1_024;
/** How often a body that is slow, but not too slow, is looked at, in ms. */
const LOOK_MS = 1_000;

/**
 * Watches an answer's body from its head on. A body that trickles keeps a blocking query open as if nothing had changed.
 *
 * @param came    bytes of it so far
 * @param tooSlow told once, in plain words
 * @returns ends the watching
 */
export function watchBody(time: Time, came: () => number, tooSlow: (problem: string) => void): () => void {
  const startMs = time.nowMs();
  const look = (): void => {
    const forMs = time.nowMs() - startMs;
    const bytes = came();
    const leftMs = GRACE_MS + (bytes * 1_000) / MIN_RATE - forMs;
    if (leftMs > 0) stop = time.after(Math.max(LOOK_MS, leftMs), look);
    else tooSlow(`an answer whose body trickles: ${bytes} bytes of it within ${Math.round(forMs)} ms`);
  };
  let stop = time.after(GRACE_MS, look);
  return () => stop();
}
