import { type Family, type Row, single } from "./family.ts";
import { ENDPOINT, SERVICE } from "./labels.ts";
import type { ShownEndpoint } from "./shown.ts";

type EndpointRow = Row<(endpoint: ShownEndpoint) => number | undefined, string>;

const ROWS: readonly EndpointRow[] = [
  ["available", "available", "gauge", "1", "1 while it takes traffic.", ({ node }) => Number(node.available)],
  ["ejected", "ejected", "gauge", "1", "1 while it is ejected.", ({ node }) => Number(node.fitness.kind === "ejected")],
  ["weight", "weight", "gauge", "1", "Its share of traffic against a weight of 1.", ({ node }) => node.endpoint.weight],
  [
    "latency_seconds",
    "latency",
    "gauge",
    "s",
    "Peak latency as balancing sees it now; absent before any answer.",
    ({ node: { latencyMs } }) => (latencyMs === undefined ? undefined : latencyMs / 1_000),
  ],
  [
    "failing_ratio",
    "failing_ratio",
    "gauge",
    "1",
    "Share of recent attempts that failed.",
    ({ node }) => node.failures,
  ],
  ["attempts_active", "attempts.running", "upDown", "{attempt}", "Attempts under way.", ({ node }) => node.pending],
  [
    "attempts_total",
    "attempts",
    "counter",
    "{attempt}",
    "Attempts, since it became a member.",
    ({ node }) => node.attempts,
  ],
  [
    "failed_attempts_total",
    "attempts.failed",
    "counter",
    "{attempt}",
    "Attempts that failed, since it became a member.",
    ({ node }) => node.failed,
  ],
  [
    "connections_active",
    "connections.open",
    "upDown",
    "{connection}",
    "Connections open, idle ones included.",
    ({ counted }) => counted?.connectionsActive,
  ],
];

/** What concerns single endpoints: those that are members now. */
export const ENDPOINT_FAMILIES: readonly Family[] = [
  ...ROWS.map(endpointFamily),
  {
    name: "weft_endpoint_answer_seconds",
    otel: "weft.endpoint.answer.duration",
    type: "histogram",
    unit: "s",
    help: "How long attempts took to their head, or to their failure, since it became a member. Those that were given up are not among them.",
    labels: [SERVICE, ENDPOINT],
    write({ endpoints }, out) {
      for (const { service, node } of endpoints) {
        if (node.attempts > 0) out.histogram([service, node.endpoint.id], node.answers);
      }
    },
  },
  single(
    "weft_endpoints_unlisted",
    "weft.endpoints.unlisted",
    "gauge",
    "{endpoint}",
    "Endpoints beyond the 2,000 that are listed apart; they are in the numbers of their services.",
    ({ endpointsUnlisted }) => endpointsUnlisted,
  ),
];

function endpointFamily([name, otel, type, unit, help, valueOf]: EndpointRow): Family {
  return {
    name: `weft_endpoint_${name}`,
    otel: `weft.endpoint.${otel}`,
    type,
    unit,
    help,
    labels: [SERVICE, ENDPOINT],
    write({ endpoints }, out) {
      for (const endpoint of endpoints) {
        const value = valueOf(endpoint);
        if (value !== undefined) out.sample([endpoint.service, endpoint.node.endpoint.id], value);
      }
    },
  };
}
