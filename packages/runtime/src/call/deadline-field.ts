/*
 * Deadlines travel as lengths: how long the sender of a request still waits, counted by whoever reads it. An instant
 * would be one on the sender's clock.
 */

/** How long the sender still waits, in whole ms. */
export const DEADLINE_FIELD = "x-request-deadline-ms";

/** The same as Envoy says it. */
export const ENVOYS_DEADLINE_FIELD = "x-envoy-expected-rq-timeout-ms";

/** What such a field says; Infinity when it is no whole number of at most nine digits, and so says nothing. */
export function readDeadlineMs(value: string): number {
  return /^\d{1,9}$/.test(value) ? Number(value) : Number.POSITIVE_INFINITY;
}

// The last one: as long as nothing waits, calls have their whole time left.
let textedMs = 1;
let text = "1";

/** So much time left, as such a field says it: never 0, which says that nobody waits. @param leftMs finite */
export function deadlineText(leftMs: number): string {
  const ms = Math.max(1, Math.floor(leftMs));
  if (ms !== textedMs) {
    textedMs = ms;
    text = String(ms);
  }
  return text;
}
