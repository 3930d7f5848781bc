/** A wall clock that seems to step back by less was only read between two of its ticks. */
const TICK_MS = 2;

/**
 * Tells how far the wall clock is ahead of the policy clock, in ms: what an instant on the latter needs to become one in
 * ms since 1970.
 *
 * `Date.now` counts whole milliseconds, and spans last less. So the distance is not what was read last, or a child would
 * seem to begin before its parent: it is the largest that was seen, for whole milliseconds are cut off, never added. A
 * wall clock that is set is followed at once.
 *
 * @param nowMs   the policy clock
 * @param epochMs the wall clock, in ms since 1970
 */
export function wallClock(nowMs: () => number, epochMs: () => number): () => number {
  let aheadMs = Number.NEGATIVE_INFINITY;
  return () => {
    const seenMs = epochMs() - nowMs();
    if (seenMs > aheadMs || seenMs < aheadMs - TICK_MS) aheadMs = seenMs;
    return aheadMs;
  };
}
