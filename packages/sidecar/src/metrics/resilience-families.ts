import type { Freshness } from "@weft/core";
import { lastContactSeconds, stalenessSeconds } from "@weft/telemetry";
import type { Family } from "./family.ts";
import { BREAKER, BREAKER_TO, FRESHNESS, LIMIT, REASON } from "./labels.ts";
import { type LabelledRow, labelledFamily, type ServiceRow, serviceFamily } from "./service-families.ts";

const FRESHNESSES: readonly Freshness["kind"][] = ["pending", "live", "stale", "snapshot"];

const ROWS: readonly ServiceRow[] = [
  [
    "weft_hedges_total",
    "weft.hedges",
    "counter",
    "{attempt}",
    "Second attempts begun before the first had ended.",
    ({ counted }) => counted.events.hedges,
  ],
  [
    "weft_hedges_won_total",
    "weft.hedges.won",
    "counter",
    "{attempt}",
    "Second attempts that gave the answer.",
    ({ counted }) => counted.events.hedgesWon,
  ],
  [
    "weft_sessions_moved_total",
    "weft.sessions.moved",
    "counter",
    "{session}",
    "Sessions that another endpoint keeps from then on.",
    ({ counted }) => counted.events.sessionsMoved,
  ],
  [
    "weft_endpoint_returns_total",
    "weft.endpoint.returns",
    "counter",
    "{endpoint}",
    "Ejected endpoints that got their traffic back.",
    ({ counted }) => counted.events.returns,
  ],
  [
    "weft_retry_budget_remaining",
    "weft.retry.budget.remaining",
    "gauge",
    "{retry}",
    "Retries that the budget leaves.",
    ({ view }) => view?.retriesLeft,
  ],
  [
    "weft_retries_running",
    "weft.retries.running",
    "upDown",
    "{retry}",
    "Retries under way of attempts that an endpoint may have worked on.",
    ({ view }) => view?.retries?.running,
  ],
  [
    "weft_retries_limit",
    "weft.retries.limit",
    "gauge",
    "{retry}",
    "Such retries that may be under way at once.",
    ({ view }) => view?.retries?.most,
  ],
  [
    "weft_discovery_staleness_seconds",
    "weft.discovery.staleness",
    "gauge",
    "s",
    "Age of endpoints that the registry cannot confirm; 0 while it can.",
    ({ view }) => view && stalenessSeconds(view.freshness, view.atMs),
  ],
  [
    "weft_discovery_last_contact_seconds",
    "weft.discovery.last_contact",
    "gauge",
    "s",
    "How long before its last answer the server of the registry had heard from its leader. Consul only, while it answers.",
    ({ view }) => view && lastContactSeconds(view.freshness),
  ],
  [
    "weft_discovery_lost_total",
    "weft.discovery.lost",
    "counter",
    "{event}",
    "Times that the registry stopped answering.",
    ({ counted }) => counted.events.stale,
  ],
  [
    "weft_discovery_answers_held_total",
    "weft.discovery.answers.held",
    "counter",
    "{answer}",
    "Answers of the registry that were not believed.",
    ({ counted }) => counted.events.answersHeld,
  ],
  [
    "weft_panic",
    "weft.panic",
    "gauge",
    "1",
    "1 while checks are ignored: none of the endpoints passes them, or too few of a priority do.",
    ({ view }) => view && Number(view.panic || view.division.groups.some(({ panic }) => panic)),
  ],
];

const LABELLED: readonly LabelledRow[] = [
  [
    "weft_discovery_state",
    "weft.discovery.state",
    "gauge",
    "1",
    "1 for the state that the endpoints are known in.",
    FRESHNESS,
    ({ view }) => oneOf(FRESHNESSES, view?.freshness.kind),
  ],
  [
    "weft_breaker_state",
    "weft.breaker.state",
    "gauge",
    "1",
    "1 for the state of the circuit breaker. Absent: the service has none.",
    BREAKER,
    ({ view }) => oneOf(["closed", "open", "half-open"], view?.breaker?.kind),
  ],
  [
    "weft_breaker_changes_total",
    "weft.breaker.changes",
    "counter",
    "{change}",
    "Changes of the circuit breaker, by what it became.",
    BREAKER_TO,
    ({ counted }) => Object.entries(counted.events.breakerChanges),
  ],
  [
    "weft_ejections_total",
    "weft.ejections",
    "counter",
    "{ejection}",
    "Ejections: by the last of failures in a row (`connect`, `reset`, `timeout`, `server-error`, `protocol`, `truncated`), by comparison with the others (`relative`, `success-rate`, `failure-percentage`, `latency`), or `by-hand`.",
    REASON,
    ({ counted }) => counted.events.ejections,
  ],
  [
    "weft_ejections_suppressed_total",
    "weft.ejections.suppressed",
    "counter",
    "{ejection}",
    "Endpoints that deserved ejection and were kept, because too few would be left; by the same reasons.",
    REASON,
    ({ counted }) => counted.events.ejectionsKept,
  ],
  [
    "weft_retries_denied_total",
    "weft.retries.denied",
    "counter",
    "{retry}",
    "Retries that were wanted and not allowed, by the first rule that said no: `attempts`, `budget`, `concurrency`, `left-to-caller`, `not-idempotent`, `not-listed`, `deadline`, `retry-after`, `body`, `refused-by-endpoint`, `committed`.",
    REASON,
    ({ counted }) => counted.events.retriesDenied,
  ],
  [
    "weft_limits_reached_total",
    "weft.limits.reached",
    "counter",
    "{call}",
    "Calls refused, by the limit that was reached.",
    LIMIT,
    ({ counted }) => counted.events.limitsReached,
  ],
];

/** How a service and its registry hold up, as far as Envoy has no name for it. */
export const RESILIENCE_FAMILIES: readonly Family[] = [
  ...ROWS.map((row) => serviceFamily(row)),
  ...LABELLED.map((row) => labelledFamily(row)),
];

function oneOf(all: readonly string[], now: string | undefined): (readonly [string, number])[] {
  return now === undefined ? [] : all.map((one) => [one, Number(one === now)]);
}
