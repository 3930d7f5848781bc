import { sentence } from "@weft/core";
import type { Explanation, ServiceStats } from "./mesh.ts";
import type { ServiceRuntime } from "./service/service-runtime.ts";

/**
 * The decisions kept about one service, as data and in words.
 *
 * @param call only those about this call
 * @param last at most so many, the newest, >= 1; default 20
 */
export function explain(service: ServiceRuntime, now: ServiceStats, call?: number, last = 20): Explanation {
  const decisions = service.cluster.explain(call).slice(-Math.max(1, last));
  const text = decisions
    .map((decision) => `${at(decision.atMs, now.atMs)} call ${decision.call}: ${sentence(decision)}`)
    .join("\n");
  return { policy: service.policy, now, decisions, text };
}

function at(atMs: number, nowMs: number): string {
  return `${((nowMs - atMs) / 1000).toFixed(3)} s ago`;
}
