/** What an instrument of OpenTelemetry is, before anything is measured. */
export interface InstrumentSpec {
  /** `upDown`: a sum that may fall, such as calls under way. */
  readonly kind: "counter" | "upDown" | "gauge" | "histogram";
  /** In UCUM; what is counted stands in braces. */
  readonly unit: string;
  readonly description: string;
  /** Names of all attributes that a point may have. Each has few values: see docs/metrics.md. */
  readonly attributes: readonly string[];
}

export type HistogramName = "http.client.request.duration" | "rpc.client.call.duration" | "weft.call.duration";

export type UpDownName = "weft.calls.running" | "weft.connections.open" | "weft.retries.running";

export type GaugeName =
  | "weft.calls.limit"
  | "weft.retry.budget.remaining"
  | "weft.retries.limit"
  | "weft.breaker.state"
  | "weft.endpoints"
  | "weft.endpoints.available"
  | "weft.endpoints.ejected"
  | "weft.panic"
  | "weft.discovery.staleness"
  | "weft.discovery.last_contact"
  | "weft.endpoint.available"
  | "weft.endpoint.ejected"
  | "weft.endpoint.latency";

export type CounterName =
  | "weft.retries"
  | "weft.retries.denied"
  | "weft.hedges"
  | "weft.hedges.won"
  | "weft.sessions.moved"
  | "weft.ejections"
  | "weft.ejections.suppressed"
  | "weft.breaker.changes"
  | "weft.limits.reached"
  | "weft.discovery.lost"
  | "weft.discovery.answers.held"
  | "weft.traced_calls.kept"
  | "weft.traced_calls.dropped"
  | "weft.spans.lost"
  | "weft.endpoint.attempts"
  | "weft.endpoint.attempts.failed";

export type InstrumentName = HistogramName | UpDownName | GaugeName | CounterName;

const SERVICE: readonly string[] = ["server.address"];
const ENDPOINT: readonly string[] = ["server.address", "weft.endpoint"];
const HTTP: readonly string[] = [
  "http.request.method",
  "http.response.status_code",
  "error.type",
  "server.address",
  "server.port",
];
const RPC: readonly string[] = [
  "rpc.system.name",
  "rpc.method",
  "rpc.status_code",
  "error.type",
  "server.address",
  "server.port",
];

/**
 * Every instrument of a home in an app. What a sidecar measures too has the same name, unit and attributes there.
 *
 * Names of the semantic conventions mean what the conventions say; `weft.*` is ours.
 * Source: OpenTelemetry semantic conventions 1.45, HTTP and RPC metrics; naming rules of the same.
 */
export const INSTRUMENTS: Readonly<Record<InstrumentName, InstrumentSpec>> = {
  "http.client.request.duration": {
    kind: "histogram",
    unit: "s",
    description: "How long each attempt of a call took, body included.",
    attributes: HTTP,
  },
  "rpc.client.call.duration": {
    kind: "histogram",
    unit: "s",
    description: "How long calls of gRPC took, retries included.",
    attributes: RPC,
  },
  "weft.call.duration": {
    kind: "histogram",
    unit: "s",
    description: "How long calls took, retries and body included.",
    attributes: ["server.address", "weft.method", "error.type"],
  },
  "weft.calls.running": { kind: "upDown", unit: "{call}", description: "Calls under way.", attributes: SERVICE },
  "weft.calls.limit": {
    kind: "gauge",
    unit: "{call}",
    description: "Calls that may be under way at once: limits.calls, or what an adaptive limit has learned.",
    attributes: SERVICE,
  },
  "weft.connections.open": {
    kind: "upDown",
    unit: "{connection}",
    description: "Connections open, idle ones included.",
    attributes: SERVICE,
  },
  "weft.retries": { kind: "counter", unit: "{retry}", description: "Retries.", attributes: SERVICE },
  "weft.retries.denied": {
    kind: "counter",
    unit: "{retry}",
    description: "Retries that were wanted and not allowed, by the first rule that said no.",
    attributes: ["server.address", "weft.reason"],
  },
  "weft.retry.budget.remaining": {
    kind: "gauge",
    unit: "{retry}",
    description: "Retries that the budget leaves.",
    attributes: SERVICE,
  },
  "weft.retries.running": {
    kind: "upDown",
    unit: "{retry}",
    description: "Retries under way of attempts that an endpoint may have worked on.",
    attributes: SERVICE,
  },
  "weft.retries.limit": {
    kind: "gauge",
    unit: "{retry}",
    description: "Such retries that may be under way at once.",
    attributes: SERVICE,
  },
  "weft.hedges": {
    kind: "counter",
    unit: "{attempt}",
    description: "Second attempts begun before the first had ended.",
    attributes: SERVICE,
  },
  "weft.hedges.won": {
    kind: "counter",
    unit: "{attempt}",
    description: "Second attempts that gave the answer.",
    attributes: SERVICE,
  },
  "weft.sessions.moved": {
    kind: "counter",
    unit: "{session}",
    description: "Sessions that another endpoint keeps from then on.",
    attributes: SERVICE,
  },
  "weft.ejections": {
    kind: "counter",
    unit: "{ejection}",
    description: "Ejections, by the last of failures in a row, by comparison with the others, or by hand.",
    attributes: ["server.address", "weft.reason"],
  },
  "weft.ejections.suppressed": {
    kind: "counter",
    unit: "{ejection}",
    description: "Endpoints that deserved ejection and were kept, because too few would be left; by the same reasons.",
    attributes: ["server.address", "weft.reason"],
  },
  "weft.breaker.changes": {
    kind: "counter",
    unit: "{change}",
    description: "Changes of the circuit breaker, by what it became.",
    attributes: ["server.address", "weft.breaker"],
  },
  "weft.breaker.state": {
    kind: "gauge",
    unit: "1",
    description: "1 for the state of the circuit breaker.",
    attributes: ["server.address", "weft.breaker"],
  },
  "weft.limits.reached": {
    kind: "counter",
    unit: "{call}",
    description: "Calls refused, by the limit that was reached.",
    attributes: ["server.address", "weft.limit"],
  },
  "weft.traced_calls.kept": {
    kind: "counter",
    unit: "{call}",
    description: "Calls whose spans were kept, by why. Only with `startTelemetry`.",
    attributes: ["weft.reason"],
  },
  "weft.traced_calls.dropped": {
    kind: "counter",
    unit: "{call}",
    description: "Calls of which no span was made, by why. Only with `startTelemetry`.",
    attributes: ["weft.reason"],
  },
  "weft.spans.lost": {
    kind: "counter",
    unit: "{span}",
    description: "Spans that were kept and never arrived at the collector. Only with `startTelemetry`.",
    attributes: [],
  },
  "weft.endpoints": { kind: "gauge", unit: "{endpoint}", description: "Endpoints known.", attributes: SERVICE },
  "weft.endpoints.available": {
    kind: "gauge",
    unit: "{endpoint}",
    description: "Endpoints that take traffic.",
    attributes: SERVICE,
  },
  "weft.endpoints.ejected": {
    kind: "gauge",
    unit: "{endpoint}",
    description: "Endpoints ejected now.",
    attributes: SERVICE,
  },
  "weft.panic": {
    kind: "gauge",
    unit: "1",
    description: "1 while checks are ignored: none of the endpoints passes them, or too few of a priority do.",
    attributes: SERVICE,
  },
  "weft.discovery.staleness": {
    kind: "gauge",
    unit: "s",
    description: "Age of endpoints that the registry cannot confirm; 0 while it can.",
    attributes: SERVICE,
  },
  "weft.discovery.last_contact": {
    kind: "gauge",
    unit: "s",
    description:
      "How long before its last answer the server of the registry had heard from its leader. Consul only, while it answers.",
    attributes: SERVICE,
  },
  "weft.discovery.lost": {
    kind: "counter",
    unit: "{event}",
    description: "Times that the registry stopped answering.",
    attributes: SERVICE,
  },
  "weft.discovery.answers.held": {
    kind: "counter",
    unit: "{answer}",
    description: "Answers of the registry that were not believed.",
    attributes: SERVICE,
  },
  "weft.endpoint.available": {
    kind: "gauge",
    unit: "1",
    description: "1 while it takes traffic.",
    attributes: ENDPOINT,
  },
  "weft.endpoint.ejected": { kind: "gauge", unit: "1", description: "1 while it is ejected.", attributes: ENDPOINT },
  "weft.endpoint.attempts": {
    kind: "counter",
    unit: "{attempt}",
    description: "Attempts, since it became a member.",
    attributes: ENDPOINT,
  },
  "weft.endpoint.attempts.failed": {
    kind: "counter",
    unit: "{attempt}",
    description: "Attempts that failed, since it became a member.",
    attributes: ENDPOINT,
  },
  "weft.endpoint.latency": {
    kind: "gauge",
    unit: "s",
    description: "Peak latency as balancing sees it now; absent before any answer.",
    attributes: ENDPOINT,
  },
};
