import type { ClusterSnapshot } from "../cluster/cluster.ts";
import type { MeshEventName, MeshListener } from "../events.ts";
import type { Freshness } from "../membership.ts";
import type { BreakerState } from "../policy/circuit-breaker/circuit-breaker.ts";
import type { Tracing } from "./tracing.ts";

/** What watches a home: its calls as traces, its state and events as numbers. Made by `@weft/telemetry`. */
export interface Telemetry {
  /** Absent: calls are not traced, and no trace is carried on. */
  readonly tracing?: Tracing;
  /**
   * Begins to watch a home. Absent: no numbers.
   *
   * @returns the way to stop, called when the home is closed
   */
  observe?(home: ObservedHome): () => void;
}

/** A mesh or a sidecar, as telemetry sees it. */
export interface ObservedHome {
  on<Name extends MeshEventName>(name: Name, listener: MeshListener<Name>): () => void;
  /** Each service in use as it stands now. */
  services(): Iterable<ServiceStats>;
}

/** A service at an instant: its endpoints with what was measured of each, and how much of each limit is used. */
export interface ServiceStats extends ClusterSnapshot {
  readonly freshness: Freshness;
  /** Calls running now, and the limit. */
  readonly calls: { readonly running: number; readonly most: number };
  /** Connections open now, idle ones included, and the limit. */
  readonly connections: { readonly running: number; readonly most: number };
  /** Undefined: the service has no breaker. */
  readonly breaker: BreakerState | undefined;
  /** Which of the endpoints that the registry knows are used, and why, in words; undefined: all. */
  readonly subset: string | undefined;
  /** Retries left in the budget; undefined: the service has no retries. */
  readonly retriesLeft: number | undefined;
  /** Retries under way, and how many may be; undefined: the service has none. */
  readonly retries: { readonly running: number; readonly most: number } | undefined;
}
