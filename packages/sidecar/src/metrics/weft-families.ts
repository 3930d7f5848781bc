import type { Freshness } from "@weft/core";
import { grpcStatusName, GRPC_STATUSES } from "../grpc/grpc-status.ts";
import type { ServiceView } from "../admin/admin-view.ts";
import type { LabelledFamily, ServiceFamily } from "./scraped.ts";

/** What Envoy has no name for. */
export const WEFT_FAMILIES: readonly ServiceFamily[] = [
  [
    "weft_calls_total",
    "counter",
    "Calls begun; attempts over calls is the amplification.",
    ({ counted }) => counted.counters.calls,
  ],
  ["weft_calls_active", "gauge", "Calls under way.", ({ counted }) => counted.counters.callsActive],
  [
    "weft_calls_unanswered_total",
    "counter",
    "Calls that ended without a status.",
    ({ counted }) => counted.counters.ended[0],
  ],
  [
    "weft_hedges_total",
    "counter",
    "Second attempts begun before the first had ended.",
    ({ counted }) => counted.events.hedges,
  ],
  [
    "weft_hedges_won_total",
    "counter",
    "Second attempts that gave the answer.",
    ({ counted }) => counted.events.hedgesWon,
  ],
  [
    "weft_endpoint_returns_total",
    "counter",
    "Ejected endpoints that got their traffic back.",
    ({ counted }) => counted.events.returns,
  ],
  ["weft_retry_budget_remaining", "gauge", "Retries that the budget leaves.", ({ view }) => view?.retriesLeft],
  [
    "weft_discovery_staleness_seconds",
    "gauge",
    "Age of endpoints that the registry cannot confirm; 0 while it can.",
    ({ view }) => view && stalenessSeconds(view),
  ],
  [
    "weft_discovery_lost_total",
    "counter",
    "Times that the registry stopped answering.",
    ({ counted }) => counted.events.stale,
  ],
  [
    "weft_discovery_answers_held_total",
    "counter",
    "Answers of the registry that were not believed.",
    ({ counted }) => counted.events.answersHeld,
  ],
];

const FRESHNESS: readonly Freshness["kind"][] = ["pending", "live", "stale", "snapshot"];

/** The same, one sample for each value of a label. */
export const LABELLED_FAMILIES: readonly LabelledFamily[] = [
  [
    "weft_discovery_state",
    "gauge",
    "1 for the state that the endpoints are known in.",
    "state",
    ({ view }) => oneOf(FRESHNESS, view?.freshness.kind),
  ],
  [
    "weft_breaker_state",
    "gauge",
    "1 for the state of the circuit breaker.",
    "state",
    ({ view }) => oneOf(["closed", "open", "half-open"], view?.breaker?.kind),
  ],
  [
    "weft_breaker_changes_total",
    "counter",
    "Changes of the circuit breaker, by what it became.",
    "to",
    ({ counted }) => Object.entries(counted.events.breakerChanges),
  ],
  [
    "weft_retries_denied_total",
    "counter",
    "Retries that were wanted and not allowed, by the first rule that said no.",
    "reason",
    ({ counted }) => counted.events.retriesDenied,
  ],
  [
    "weft_limits_reached_total",
    "counter",
    "Calls refused, by the limit that was reached.",
    "limit",
    ({ counted }) => counted.events.limitsReached,
  ],
  [
    "weft_grpc_calls_total",
    "counter",
    "Calls of gRPC that ended with a status, by that.",
    "status",
    ({ counted }) => grpcCounts(counted.counters.grpcEnded),
  ],
];

function stalenessSeconds({ freshness, atMs }: ServiceView): number | undefined {
  switch (freshness.kind) {
    case "pending":
      return undefined; // nothing is known that could be old
    case "live":
      return 0;
    case "stale":
      return (atMs - freshness.sinceMs) / 1_000;
    case "snapshot":
      return freshness.ageMs / 1_000;
    default:
      return freshness satisfies never;
  }
}

/** Those that came up. Numbers that are no status of gRPC stand together. */
function grpcCounts(ended: Float64Array): (readonly [string, number])[] {
  const counts: (readonly [string, number])[] = [];
  ended.forEach((count, status) => {
    if (count > 0) counts.push([status < GRPC_STATUSES ? grpcStatusName(status) : "OTHER", count]);
  });
  return counts;
}

function oneOf(all: readonly string[], now: string | undefined): (readonly [string, number])[] {
  return now === undefined ? [] : all.map((one) => [one, Number(one === now)]);
}
