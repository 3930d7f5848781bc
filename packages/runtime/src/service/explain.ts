import type { ServicePolicy } from "@weft/config";
import { type Decision, sentence, type ServiceStats } from "@weft/core";
import type { ServiceRuntime } from "./service-runtime.ts";
import { statsOf } from "./service-stats.ts";

/** What was decided about a service's calls, and what it was decided by. */
export interface Explanation {
  readonly policy: ServicePolicy;
  readonly now: ServiceStats;
  /** Oldest first. */
  readonly decisions: readonly Decision[];
  /** The same in words, a line each. */
  readonly text: string;
}

/**
 * The decisions kept about one service, as data and in words. Takes no permit and moves no counter.
 *
 * @param call only those about this call
 * @param last at most so many, the newest, >= 1; default 20
 */
export function explain(service: ServiceRuntime, call?: number, last = 20): Explanation {
  const now = statsOf(service);
  const decisions = service.cluster.explain(call).slice(-Math.max(1, last));
  return { policy: service.policy, now, decisions, text: explainText(decisions, now.atMs) };
}

/** Decisions in words, a line each. @param nowMs on the policy clock */
export function explainText(decisions: readonly Decision[], nowMs: number): string {
  return decisions
    .map((decision) => `${ago(decision.atMs, nowMs)} call ${decision.call}: ${sentence(decision)}`)
    .join("\n");
}

function ago(atMs: number, nowMs: number): string {
  return `${((nowMs - atMs) / 1000).toFixed(3)} s ago`;
}
