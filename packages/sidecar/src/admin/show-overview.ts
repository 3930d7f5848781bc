import { ENDPOINT_BUCKETS_MS, LATENCY_BUCKETS_MS } from "@weft/core";
import type { CountedService } from "../metrics/counters.ts";
import { sumOf } from "../metrics/event-counts.ts";
import type { AdminView, Readiness } from "./admin-view.ts";
import { type ShownState, showState } from "./show-service.ts";

/**
 * All services at a glance, as `/overview` shows them. Part of the API: docs/admin.md has every field.
 *
 * Counters only grow, for whoever asks again to take the difference: nothing here is a rate.
 */
export interface ShownOverview {
  /** On a clock that never steps, in ms: two answers of one process are as far apart as their `atMs`. */
  readonly atMs: number;
  readonly process: {
    /** Null: the policy does not say whom the sidecar stands next to. */
    readonly service: string | null;
    readonly pid: number;
    /** When the sidecar was made, ISO 8601. Another one than before: every counter has begun anew. */
    readonly since: string;
    readonly state: Readiness["kind"];
    readonly reasons: readonly string[];
  };
  readonly policy: { readonly since: string; readonly refused: string | null };
  readonly telemetry: { readonly otlp: string | null; readonly sampleRatio: number };
  /** Upper bounds of each `latency`, which has one number more for what is above them all. */
  readonly latencyBoundsMs: readonly number[];
  /** The same of each endpoint's `answers`. */
  readonly answerBoundsMs: readonly number[];
  readonly services: readonly (ShownState & { readonly counted: ShownCounts })[];
}

/** What a service's calls came to, since the sidecar was made. */
interface ShownCounts {
  readonly calls: number;
  readonly ended: number;
  /** Of those that ended: see core's `hasFailed`. */
  readonly failed: number;
  readonly attempts: number;
  readonly retries: number;
  readonly ejections: number;
  /** How long calls with at least one attempt took. */
  readonly latency: readonly number[];
}

export function showOverview(view: AdminView): ShownOverview {
  const readiness = view.readiness();
  const { policy, sinceEpochMs, refused } = view.config();
  const { otlp, tracing } = policy.telemetry;
  return {
    atMs: view.nowMs(),
    process: {
      service: policy.telemetry.serviceName ?? null,
      pid: process.pid,
      since: new Date(view.sinceEpochMs).toISOString(),
      state: readiness.kind,
      reasons: readiness.kind === "starting" ? readiness.reasons : [],
    },
    policy: { since: new Date(sinceEpochMs).toISOString(), refused: refused ?? null },
    telemetry: { otlp: otlp?.url ?? null, sampleRatio: tracing.sampleRatio },
    latencyBoundsMs: LATENCY_BUCKETS_MS,
    answerBoundsMs: ENDPOINT_BUCKETS_MS,
    services: view.services().map((service) => {
      return { ...showState(service), counted: showCounts(view.counted(service.service)) };
    }),
  };
}

function showCounts(counted: CountedService | undefined): ShownCounts {
  if (counted === undefined) return NOTHING;
  const { counters, events } = counted;
  const { ended, failed, latency } = counters.ofAllMethods;
  return {
    calls: counters.calls,
    ended: ended.reduce((sum, count) => sum + count, 0),
    failed,
    attempts: counters.total().attempts,
    retries: events.retries,
    ejections: sumOf(events.ejections),
    latency: [...latency.counts],
  };
}

const NOTHING: ShownCounts = {
  calls: 0,
  ended: 0,
  failed: 0,
  attempts: 0,
  retries: 0,
  ejections: 0,
  latency: LATENCY_BUCKETS_MS.map(() => 0).concat(0),
};
