import { limitReached, sumOf } from "./event-counts.ts";
import type { ServiceRow } from "./service-families.ts";

/** What Envoy counts of attempts and calls: its request to an endpoint is an attempt. */
export const ATTEMPT_ROWS: readonly ServiceRow[] = [
  [
    "upstream_rq_total",
    "weft.attempts",
    "counter",
    "{attempt}",
    "Attempts begun, retries included.",
    ({ total }) => total.attempts,
  ],
  [
    "upstream_rq_active",
    "weft.attempts.running",
    "upDown",
    "{attempt}",
    "Attempts under way at endpoints that are members.",
    ({ view }) => view?.endpoints.reduce((sum, { pending }) => sum + pending, 0),
  ],
  [
    "upstream_rq_completed",
    undefined,
    "counter",
    "{call}",
    "Calls that ended with a status.",
    ({ counted }) => counted.counters.ended.subarray(1).reduce((sum, count) => sum + count, 0),
  ],
  [
    "upstream_rq_cancelled",
    undefined,
    "counter",
    "{call}",
    "Calls that ended without a status, such as when their caller left.",
    ({ counted }) => counted.counters.ended[0],
  ],
  [
    "upstream_rq_rx_reset",
    undefined,
    "counter",
    "{attempt}",
    "Attempts that the endpoint reset, or whose connection it ended.",
    ({ counted, total }) => counted.counters.http2.resetsReceived + total.lostInUse,
  ],
  [
    "upstream_rq_tx_reset",
    undefined,
    "counter",
    "{attempt}",
    "Streams of HTTP/2 to endpoints that were reset here.",
    ({ counted }) => counted.counters.http2.resetsSent,
  ],
  [
    "upstream_rq_timeout",
    "weft.timeouts.deadline",
    "counter",
    "{call}",
    "Calls whose deadline passed.",
    ({ counted }) => counted.counters.timeouts,
  ],
  [
    "upstream_rq_per_try_timeout",
    "weft.timeouts.attempt",
    "counter",
    "{attempt}",
    "Attempts without a head in time.",
    ({ counted }) => counted.counters.attemptTimeouts,
  ],
  ["upstream_rq_retry", "weft.retries", "counter", "{retry}", "Retries.", ({ counted }) => counted.events.retries],
  [
    "upstream_rq_retry_success",
    "weft.retries.successful",
    "counter",
    "{call}",
    "Calls of more than one attempt that came out well.",
    ({ counted }) => counted.counters.retrySuccesses,
  ],
  [
    "upstream_rq_retry_overflow",
    undefined,
    "counter",
    "{retry}",
    "Retries denied because the budget was spent, or as many were under way as may be.",
    ({ counted: { events } }) =>
      (events.retriesDenied.get("budget") ?? 0) + (events.retriesDenied.get("concurrency") ?? 0),
  ],
  [
    "upstream_rq_retry_limit_exceeded",
    undefined,
    "counter",
    "{retry}",
    "Retries denied because maxRetries was used up.",
    ({ counted }) => counted.events.retriesDenied.get("attempts") ?? 0,
  ],
  [
    "upstream_rq_pending_active",
    "weft.attempts.queued",
    "upDown",
    "{attempt}",
    "Attempts that wait for a connection.",
    ({ pending }) => pending,
  ],
  [
    "upstream_rq_pending_overflow",
    undefined,
    "counter",
    "{call}",
    "Calls refused by a limit other than those of connections, of the rate and of admission.",
    ({ counted }) =>
      sumOf(counted.events.limitsReached) -
      limitReached(counted.events, "limits.connections") -
      limitReached(counted.events, "rateLimit") -
      limitReached(counted.events, "admission"),
  ],
];
