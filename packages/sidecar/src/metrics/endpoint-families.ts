import type { NodeSnapshot } from "@weft/core";
import type { EndpointCounters } from "./service-counters.ts";
import { type Exposition, labelText } from "./exposition.ts";
import type { Scraped } from "./scraped.ts";

type Value = (node: NodeSnapshot, counted: EndpointCounters | undefined) => number | undefined;

const FAMILIES: readonly (readonly [name: string, type: "counter" | "gauge", help: string, value: Value])[] = [
  ["weft_endpoint_available", "gauge", "1 while it takes traffic.", ({ available }) => Number(available)],
  ["weft_endpoint_ejected", "gauge", "1 while it is ejected.", ({ fitness }) => Number(fitness.kind === "ejected")],
  ["weft_endpoint_weight", "gauge", "Its share of traffic against a weight of 1.", ({ endpoint }) => endpoint.weight],
  [
    "weft_endpoint_latency_seconds",
    "gauge",
    "Peak latency as balancing sees it now; absent before any answer.",
    ({ latencyMs }) => (latencyMs === undefined ? undefined : latencyMs / 1_000),
  ],
  ["weft_endpoint_failing_ratio", "gauge", "Share of recent attempts that failed.", ({ failures }) => failures],
  ["weft_endpoint_attempts_active", "gauge", "Attempts under way.", ({ pending }) => pending],
  ["weft_endpoint_attempts_total", "counter", "Attempts, since it became a member.", ({ attempts }) => attempts],
  [
    "weft_endpoint_failed_attempts_total",
    "counter",
    "Attempts that failed, since it became a member.",
    ({ failed }) => failed,
  ],
  [
    "weft_endpoint_connections_active",
    "gauge",
    "Connections open, idle ones included.",
    (_, counted) => counted?.connectionsActive,
  ],
];

/** Writes what concerns single endpoints: those that are members now. */
export function endpointFamilies(out: Exposition, services: readonly Scraped[]): void {
  const nodes = services.flatMap(({ name, view, counted }) => {
    const service = labelText("service", name);
    return (view?.endpoints ?? []).map((node) => ({
      node,
      labels: `${service},${labelText("endpoint", node.endpoint.id)}`,
      counted: counted.counters.endpoints.get(node.endpoint.id),
    }));
  });
  for (const [name, type, help, valueOf] of FAMILIES) {
    out.family(name, type, help);
    for (const { node, labels, counted } of nodes) {
      const value = valueOf(node, counted);
      if (value !== undefined) out.sample(labels, value);
    }
  }
}
