import type { BreakerState, ClusterSnapshot, Freshness } from "@weft/core";
import type { ServiceRuntime } from "./service-runtime.ts";

/** A service at an instant: its endpoints with what was measured of each, and how much of each limit is used. */
export interface ServiceStats extends ClusterSnapshot {
  readonly freshness: Freshness;
  /** Calls running now, and the limit. */
  readonly calls: { readonly running: number; readonly most: number };
  /** Connections open now, idle ones included, and the limit. */
  readonly connections: { readonly running: number; readonly most: number };
  /** Undefined: the service has no breaker. */
  readonly breaker: BreakerState | undefined;
  /** Retries left in the budget; undefined: the service has no retries. */
  readonly retriesLeft: number | undefined;
}

export function statsOf(service: ServiceRuntime): ServiceStats {
  const { calls, connections, breaker, freshness, retriesLeft } = service;
  return {
    ...service.cluster.snapshot(),
    freshness,
    calls: { running: calls.running, most: calls.most },
    connections: { running: connections.running, most: connections.most },
    breaker,
    retriesLeft,
  };
}
