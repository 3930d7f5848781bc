import type { ServiceStats } from "@weft/core";
import type { ServiceRuntime } from "./service-runtime.ts";

export function statsOf(service: ServiceRuntime): ServiceStats {
  const { calls, connections, breaker, freshness, subset, retriesLeft, retries } = service;
  return {
    ...service.cluster.snapshot(),
    freshness,
    calls: { running: calls.running, most: calls.most },
    connections: { running: connections.running, most: connections.most },
    breaker,
    subset,
    retriesLeft,
    retries: retries && { running: retries.running, most: retries.most },
  };
}
