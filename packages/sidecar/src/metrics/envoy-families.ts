import type { ServiceView } from "../admin/admin-view.ts";
import type { CountedService } from "./counters.ts";
import type { ServiceFamily } from "./scraped.ts";

/** Names of Envoy's cluster statistics, without `envoy_cluster_`. What Envoy calls a request to an endpoint is an attempt. */
export const ENVOY_FAMILIES: readonly ServiceFamily[] = [
  ["upstream_rq_total", "counter", "Attempts begun, retries included.", ({ total }) => total.attempts],
  [
    "upstream_rq_active",
    "gauge",
    "Attempts under way at endpoints that are members.",
    ({ view }) => view?.endpoints.reduce((sum, { pending }) => sum + pending, 0),
  ],
  ["upstream_rq_timeout", "counter", "Calls whose deadline passed.", ({ counted }) => counted.counters.timeouts],
  [
    "upstream_rq_per_try_timeout",
    "counter",
    "Attempts without a head in time.",
    ({ counted }) => counted.counters.attemptTimeouts,
  ],
  ["upstream_rq_retry", "counter", "Retries.", ({ counted }) => counted.events.retries],
  [
    "upstream_rq_retry_success",
    "counter",
    "Calls of more than one attempt that were answered below 500.",
    ({ counted }) => counted.counters.retrySuccesses,
  ],
  [
    "upstream_rq_retry_overflow",
    "counter",
    "Retries denied because the budget was spent.",
    ({ counted }) => counted.events.retriesDenied.get("budget") ?? 0,
  ],
  [
    "upstream_rq_retry_limit_exceeded",
    "counter",
    "Retries denied because maxRetries was used up.",
    ({ counted }) => counted.events.retriesDenied.get("attempts") ?? 0,
  ],
  [
    "upstream_rq_pending_overflow",
    "counter",
    "Calls refused by a limit other than that of connections.",
    ({ counted }) => sum(counted.events.limitsReached) - limitReached(counted, "limits.connections"),
  ],
  ["upstream_cx_total", "counter", "Connections opened to endpoints.", ({ total }) => total.connections],
  ["upstream_cx_active", "gauge", "Connections open, idle ones included.", ({ view }) => view?.connections.running],
  ["upstream_cx_connect_fail", "counter", "Connections that did not come about.", ({ total }) => total.connectFailures],
  [
    "upstream_cx_connect_timeout",
    "counter",
    "Connections that did not come about in time.",
    ({ total }) => total.connectTimeouts,
  ],
  [
    "upstream_cx_overflow",
    "counter",
    "Attempts refused by limits.connections.",
    ({ counted }) => limitReached(counted, "limits.connections"),
  ],
  [
    "upstream_cx_destroy",
    "counter",
    "Connections that ended.",
    ({ total }) => total.closedByEndpoint + total.closedHere,
  ],
  ["upstream_cx_destroy_local", "counter", "Connections ended by the sidecar.", ({ total }) => total.closedHere],
  ["upstream_cx_destroy_remote", "counter", "Connections ended by endpoints.", ({ total }) => total.closedByEndpoint],
  [
    "upstream_cx_destroy_remote_with_active_rq",
    "counter",
    "Connections ended by endpoints during an attempt.",
    ({ total }) => total.lostInUse,
  ],
  ["upstream_cx_tx_bytes_total", "counter", "Bytes sent to endpoints.", ({ total }) => total.bytesSent],
  ["upstream_cx_rx_bytes_total", "counter", "Bytes received from endpoints.", ({ total }) => total.bytesReceived],
  ["membership_total", "gauge", "Endpoints known.", ({ view }) => view?.endpoints.length],
  [
    "membership_healthy",
    "gauge",
    "Endpoints that take traffic.",
    ({ view }) => view?.endpoints.filter(({ available }) => available).length,
  ],
  [
    "membership_change",
    "counter",
    "Changes of the set of endpoints.",
    ({ counted }) => counted.events.membershipChanges,
  ],
  [
    "outlier_detection_ejections_active",
    "gauge",
    "Endpoints ejected now.",
    ({ view }) => view?.endpoints.filter(({ fitness }) => fitness.kind === "ejected").length,
  ],
  [
    "outlier_detection_ejections_enforced_total",
    "counter",
    "Ejections, those by hand included.",
    ({ counted }) => counted.events.ejections,
  ],
  [
    "outlier_detection_ejections_overflow",
    "counter",
    "Endpoints that deserved ejection and were kept, because too few would be left.",
    ({ counted }) => counted.events.ejectionsKept,
  ],
  [
    "lb_healthy_panic",
    "counter",
    "Times that no endpoint passed the registry's checks, so that these were ignored.",
    ({ counted }) => counted.events.panics,
  ],
  [
    "circuit_breakers_default_cx_open",
    "gauge",
    "1 while limits.connections is reached.",
    ({ view }) => view && reached(view.connections),
  ],
  [
    "circuit_breakers_default_rq_open",
    "gauge",
    "1 while limits.calls is reached.",
    ({ view }) => view && reached(view.calls),
  ],
  [
    "circuit_breakers_default_rq_retry_open",
    "gauge",
    "1 while the retry budget is spent.",
    ({ view }) => (view?.retriesLeft === undefined ? undefined : Number(view.retriesLeft < 1)),
  ],
  [
    "circuit_breakers_default_remaining_cx",
    "gauge",
    "Connections that limits.connections leaves.",
    ({ view }) => view && remaining(view.connections),
  ],
  [
    "circuit_breakers_default_remaining_rq",
    "gauge",
    "Calls that limits.calls leaves.",
    ({ view }) => view && remaining(view.calls),
  ],
  [
    "circuit_breakers_default_remaining_retries",
    "gauge",
    "Retries that the budget leaves.",
    ({ view }) => view?.retriesLeft,
  ],
];

function reached({ running, most }: ServiceView["calls"]): number {
  return Number(running >= most);
}

function remaining({ running, most }: ServiceView["calls"]): number {
  return Math.max(0, most - running);
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

function limitReached({ events }: CountedService, limit: string): number {
  return events.limitsReached.get(limit) ?? 0;
}
