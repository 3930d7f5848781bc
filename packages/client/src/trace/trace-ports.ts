import type { BreakerState, Call, Decision, Tracing } from "@weft/core";
import type { ServiceRuntime } from "@weft/runtime";

/** What the traces of one service's calls are made with. */
export interface TracePorts {
  readonly tracing: Tracing;
  readonly balancer: () => string;
  /** Undefined: the service has none. */
  readonly breaker: () => BreakerState["kind"] | undefined;
  readonly decisions: (call: Call) => readonly Decision[];
}

/** Undefined: calls are not traced. */
export function tracePorts(tracing: Tracing | undefined, runtime: ServiceRuntime): TracePorts | undefined {
  if (tracing === undefined) return undefined;
  return {
    tracing,
    balancer: () => runtime.cluster.balancer,
    breaker: () => runtime.breaker?.kind,
    decisions: ({ number, startedMs }) => runtime.cluster.explain(number, startedMs),
  };
}
