import type { EjectionReason } from "@weft/core";
import type { ServiceView } from "../admin/admin-view.ts";
import type { CountedService } from "./counters.ts";
import { sumOf } from "./event-counts.ts";
import type { Family } from "./family.ts";
import { CLUSTER, STATUS_DIGIT } from "./labels.ts";
import { type ServiceRow, serviceFamily } from "./service-families.ts";

/** Attempts: what Envoy calls a request to an endpoint. */
const ATTEMPTS: readonly ServiceRow[] = [
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
    "Retries denied because the budget was spent.",
    ({ counted }) => counted.events.retriesDenied.get("budget") ?? 0,
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
    "Calls refused by a limit other than those of connections and of the rate.",
    ({ counted }) =>
      sumOf(counted.events.limitsReached) -
      limitReached(counted, "limits.connections") -
      limitReached(counted, "rateLimit"),
  ],
];

const CONNECTIONS: readonly ServiceRow[] = [
  [
    "upstream_cx_total",
    "weft.connections",
    "counter",
    "{connection}",
    "Connections opened to endpoints.",
    ({ total }) => total.connections,
  ],
  [
    "upstream_cx_active",
    "weft.connections.open",
    "upDown",
    "{connection}",
    "Connections open, idle ones included.",
    ({ view }) => view?.connections.running,
  ],
  [
    "upstream_cx_http2_total",
    undefined,
    "counter",
    "{connection}",
    "Those of HTTP/2.",
    ({ counted }) => counted.counters.http2.connections,
  ],
  [
    "upstream_cx_connect_fail",
    "weft.connections.failed",
    "counter",
    "{connection}",
    "Connections that did not come about.",
    ({ total }) => total.connectFailures,
  ],
  [
    "upstream_cx_connect_timeout",
    "weft.connections.late",
    "counter",
    "{connection}",
    "Connections that did not come about in time.",
    ({ total }) => total.connectTimeouts,
  ],
  [
    "upstream_cx_overflow",
    undefined,
    "counter",
    "{attempt}",
    "Attempts refused by limits.connections.",
    ({ counted }) => limitReached(counted, "limits.connections"),
  ],
  [
    "upstream_cx_destroy",
    undefined,
    "counter",
    "{connection}",
    "Connections that ended.",
    ({ total }) => total.closedByEndpoint + total.closedHere,
  ],
  [
    "upstream_cx_destroy_local",
    "weft.connections.closed.here",
    "counter",
    "{connection}",
    "Connections ended by the sidecar.",
    ({ total }) => total.closedHere,
  ],
  [
    "upstream_cx_destroy_remote",
    "weft.connections.closed.by_endpoint",
    "counter",
    "{connection}",
    "Connections ended by endpoints.",
    ({ total }) => total.closedByEndpoint,
  ],
  [
    "upstream_cx_destroy_remote_with_active_rq",
    "weft.connections.lost",
    "counter",
    "{connection}",
    "Connections ended by endpoints during an attempt.",
    ({ total }) => total.lostInUse,
  ],
  [
    "upstream_cx_tx_bytes_total",
    "weft.bytes.sent",
    "counter",
    "By",
    "Bytes sent to endpoints.",
    ({ total }) => total.bytesSent,
  ],
  [
    "upstream_cx_rx_bytes_total",
    "weft.bytes.received",
    "counter",
    "By",
    "Bytes received from endpoints.",
    ({ total }) => total.bytesReceived,
  ],
];

const MEMBERSHIP: readonly ServiceRow[] = [
  [
    "membership_total",
    "weft.endpoints",
    "gauge",
    "{endpoint}",
    "Endpoints known.",
    ({ view }) => view?.endpoints.length,
  ],
  [
    "membership_healthy",
    "weft.endpoints.available",
    "gauge",
    "{endpoint}",
    "Endpoints that take traffic.",
    ({ view }) => view?.endpoints.filter(({ available }) => available).length,
  ],
  [
    "membership_change",
    "weft.membership.changes",
    "counter",
    "{change}",
    "Changes of the set of endpoints.",
    ({ counted }) => counted.events.membershipChanges,
  ],
  [
    "outlier_detection_ejections_active",
    "weft.endpoints.ejected",
    "gauge",
    "{endpoint}",
    "Endpoints ejected now.",
    ({ view }) => view?.endpoints.filter(({ fitness }) => fitness.kind === "ejected").length,
  ],
  [
    "outlier_detection_ejections_enforced_total",
    undefined,
    "counter",
    "{ejection}",
    "Ejections, those by hand included.",
    ({ counted }) => sumOf(counted.events.ejections),
  ],
  [
    "outlier_detection_ejections_enforced_consecutive_5xx",
    undefined,
    "counter",
    "{ejection}",
    "Ejections for answers that are failures.",
    ({ counted }) => ejectedFor(counted, ["server-error"]),
  ],
  [
    "outlier_detection_ejections_enforced_consecutive_local_origin_failure",
    undefined,
    "counter",
    "{ejection}",
    "Ejections for want of an answer.",
    ({ counted }) => ejectedFor(counted, ["connect", "reset", "timeout", "protocol", "truncated"]),
  ],
  [
    "outlier_detection_ejections_enforced_success_rate",
    undefined,
    "counter",
    "{ejection}",
    "Ejections for a success rate below that of the others.",
    ({ counted }) => ejectedFor(counted, ["success-rate", "relative"]),
  ],
  [
    "outlier_detection_ejections_enforced_failure_percentage",
    undefined,
    "counter",
    "{ejection}",
    "Ejections for a share of failures.",
    ({ counted }) => ejectedFor(counted, ["failure-percentage"]),
  ],
  [
    "outlier_detection_ejections_overflow",
    undefined,
    "counter",
    "{ejection}",
    "Endpoints that deserved ejection and were kept, because too few would be left.",
    ({ counted }) => sumOf(counted.events.ejectionsKept),
  ],
  [
    "lb_healthy_panic",
    "weft.panics",
    "counter",
    "{event}",
    "Times that no endpoint passed the checks, so that these were ignored.",
    ({ counted }) => counted.events.panics,
  ],
];

/** Limits, under `default`, the priority of Envoy's that all calls have. */
const LIMITS: readonly ServiceRow[] = [
  [
    "circuit_breakers_default_cx_open",
    undefined,
    "gauge",
    "1",
    "1 while limits.connections is reached.",
    ({ view }) => view && reached(view.connections),
  ],
  [
    "circuit_breakers_default_rq_open",
    undefined,
    "gauge",
    "1",
    "1 while limits.calls is reached.",
    ({ view }) => view && reached(view.calls),
  ],
  [
    "circuit_breakers_default_rq_retry_open",
    undefined,
    "gauge",
    "1",
    "1 while the retry budget is spent.",
    ({ view }) => (view?.retriesLeft === undefined ? undefined : Number(view.retriesLeft < 1)),
  ],
  [
    "circuit_breakers_default_remaining_cx",
    "weft.limits.connections.remaining",
    "gauge",
    "{connection}",
    "Connections that limits.connections leaves.",
    ({ view }) => view && remaining(view.connections),
  ],
  [
    "circuit_breakers_default_remaining_rq",
    "weft.limits.calls.remaining",
    "gauge",
    "{call}",
    "Calls that limits.calls leaves.",
    ({ view }) => view && remaining(view.calls),
  ],
  [
    "circuit_breakers_default_remaining_retries",
    undefined,
    "gauge",
    "{retry}",
    "Retries that the budget leaves.",
    ({ view }) => view?.retriesLeft,
  ],
];

/**
 * What Envoy has a name for, by that name, so that dashboards made for it work.
 *
 * Source: Envoy, cluster statistics; the names as Prometheus gets them.
 */
export const ENVOY_FAMILIES: readonly Family[] = [
  ...[...ATTEMPTS, ...CONNECTIONS, ...MEMBERSHIP, ...LIMITS].map(([name, ...rest]) =>
    serviceFamily([`envoy_cluster_${name}`, ...rest], CLUSTER),
  ),
  {
    name: "envoy_cluster_upstream_rq_xx",
    otel: undefined,
    type: "counter",
    unit: "{call}",
    help: "Calls that ended, by first digit of the status that the caller got.",
    labels: [CLUSTER, STATUS_DIGIT],
    write({ services }, out) {
      for (const { name, counted } of services) {
        const { ended } = counted.counters;
        for (let digit = 1; digit < ended.length; digit++) out.sample([name, String(digit)], ended[digit]!);
      }
    },
  },
  {
    name: "envoy_cluster_upstream_rq_time",
    otel: undefined,
    type: "histogram",
    unit: "ms",
    help: "How long calls took to their last byte, in ms.",
    labels: [CLUSTER],
    write({ services }, out) {
      for (const { name, counted } of services) out.histogram([name], counted.counters.latency);
    },
  },
];

function reached({ running, most }: ServiceView["calls"]): number {
  return Number(running >= most);
}

function remaining({ running, most }: ServiceView["calls"]): number {
  return Math.max(0, most - running);
}

function limitReached({ events }: CountedService, limit: string): number {
  return events.limitsReached.get(limit) ?? 0;
}

function ejectedFor({ events }: CountedService, reasons: readonly EjectionReason[]): number {
  return reasons.reduce((sum, reason) => sum + (events.ejections.get(reason) ?? 0), 0);
}
