import type { ServiceView } from "../admin/admin-view.ts";
import { ATTEMPT_ROWS } from "./envoy-attempt-rows.ts";
import { CONNECTION_ROWS } from "./envoy-connection-rows.ts";
import { MEMBERSHIP_ROWS } from "./envoy-membership-rows.ts";
import type { Family } from "./family.ts";
import { CLUSTER, STATUS_DIGIT } from "./labels.ts";
import { type ServiceRow, serviceFamily } from "./service-families.ts";

/** Limits, under `default`, the priority of Envoy's that all calls have. */
const LIMIT_ROWS: readonly ServiceRow[] = [
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
    "1 while the retry budget is spent, or as many retries are under way as may be.",
    ({ view }) => view && retriesOpen(view),
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
  ...[...ATTEMPT_ROWS, ...CONNECTION_ROWS, ...MEMBERSHIP_ROWS, ...LIMIT_ROWS].map(([name, ...rest]) =>
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

/** Undefined: the service has no retries. */
function retriesOpen({ retriesLeft, retries }: ServiceView): number | undefined {
  if (retriesLeft === undefined || retries === undefined) return undefined;
  return Number(retriesLeft < 1 || retries.running >= retries.most);
}

function reached({ running, most }: ServiceView["calls"]): number {
  return Number(running >= most);
}

function remaining({ running, most }: ServiceView["calls"]): number {
  return Math.max(0, most - running);
}
