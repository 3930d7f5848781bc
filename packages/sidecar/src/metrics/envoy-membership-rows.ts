import type { EjectionReason } from "@weft/core";
import { type EventCounts, sumOf } from "./event-counts.ts";
import type { ServiceRow } from "./service-families.ts";

/** What Envoy counts of endpoints: which there are, and which take traffic. */
export const MEMBERSHIP_ROWS: readonly ServiceRow[] = [
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
    ({ counted }) => ejectedFor(counted.events, ["server-error"]),
  ],
  [
    "outlier_detection_ejections_enforced_consecutive_local_origin_failure",
    undefined,
    "counter",
    "{ejection}",
    "Ejections for want of an answer.",
    ({ counted }) => ejectedFor(counted.events, ["connect", "reset", "timeout", "protocol", "truncated"]),
  ],
  [
    "outlier_detection_ejections_enforced_success_rate",
    undefined,
    "counter",
    "{ejection}",
    "Ejections for a success rate below that of the others.",
    ({ counted }) => ejectedFor(counted.events, ["success-rate", "relative"]),
  ],
  [
    "outlier_detection_ejections_enforced_failure_percentage",
    undefined,
    "counter",
    "{ejection}",
    "Ejections for a share of failures.",
    ({ counted }) => ejectedFor(counted.events, ["failure-percentage"]),
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

function ejectedFor({ ejections }: EventCounts, reasons: readonly EjectionReason[]): number {
  return reasons.reduce((sum, reason) => sum + (ejections.get(reason) ?? 0), 0);
}
