import type { Endpoint } from "../endpoint.ts";
import type { LatencyCounts } from "../observe/latency-buckets.ts";
import type { PickGroup } from "../decision/pick-group.ts";
import type { Call } from "../service.ts";
import type { Fitness } from "../policy/outlier-ejection/endpoint-fitness.ts";
import type { Health } from "../policy/health-check/endpoint-health.ts";
import type { Lease } from "./lease.ts";
import type { Absence, PanicBy } from "./usable.ts";

/**
 * The endpoints of one service, and who gets the next attempt.
 *
 * `choose` and `lease` are two steps because grpc-js may throw a pick away without starting the call: a lease taken
 * inside a pick would leak.
 */
export interface Cluster {
  readonly service: string;
  /** Chooses an endpoint and promises nothing: no counter moves but that of a rotating picker. Allocates nothing. */
  choose(call: Call): Choice;
  /** Begins an attempt at this endpoint. One that has left the membership since the choice is still served. */
  lease(endpoint: Endpoint, call: Call): Lease;
  /**
   * Both steps.
   *
   * @param nowMs a reading of the policy clock, when the caller has one already
   * @throws MeshError NO_ENDPOINTS, ALL_EJECTED or OVERLOADED, saying what is known and what to do
   */
  acquire(call: Call, nowMs?: number): Lease;
  snapshot(): ClusterSnapshot;
}

export type Choice =
  | { readonly kind: "chosen"; readonly endpoint: Endpoint }
  | { readonly kind: "none"; readonly code: "NO_ENDPOINTS" | "ALL_EJECTED" | "OVERLOADED" };

export interface ClusterSnapshot {
  readonly service: string;
  readonly atMs: number;
  readonly balancer: string;
  readonly typicalMs: number;
  /** None passes the registry's checks, or none ours, so these are ignored. */
  readonly panic: boolean;
  /** Whose are ignored. */
  readonly panicBy: PanicBy | undefined;
  readonly division: Division;
  readonly endpoints: readonly NodeSnapshot[];
}

/** How picks divide among priorities and zones. */
export interface Division {
  /** Why calls do not stay in their zone, in words; undefined: they do, or nobody asked for it. */
  readonly zonesOff: string | undefined;
  /** Those that get calls, by priority, the own zone first. Empty: each pick is made among all that are available. */
  readonly groups: readonly (PickGroup & {
    readonly priority: number;
    /** How many it has that take calls. */
    readonly endpoints: number;
  })[];
}

export interface NodeSnapshot {
  readonly endpoint: Endpoint;
  /** Whether it takes traffic now. */
  readonly available: boolean;
  /** What keeps it out of traffic; empty when it is available. `whyOut` has the words. */
  readonly out: readonly Absence[];
  /** Share of its traffic that it gets while it is new, in (0, 1]; 1 otherwise. */
  readonly slowStartRatio: number;
  /** What its weight counts for by its reports, beside the others'; 1 where these do not weigh. */
  readonly reportedRatio: number;
  /** What active checks say of it. */
  readonly health: Health;
  readonly fitness: Fitness;
  readonly pending: number;
  /** Attempts that it takes at once, as was learned (`limits.adaptivePerEndpoint`); undefined: nobody asks. */
  readonly learnedMost: number | undefined;
  readonly attempts: number;
  readonly failed: number;
  /** How long its attempts took to their head, or to their failure, since it became a member. */
  readonly answers: LatencyCounts;
  /** Peak latency now, in ms; undefined before any answer. */
  readonly latencyMs: number | undefined;
  /** Share of recent attempts that failed. */
  readonly failures: number;
  readonly consecutiveFailures: number;
}
