import type { Decision, TracedAttempt, TracedCall } from "@weft/core";
import { attemptSpan } from "./attempt-span.ts";
import { callSpan } from "./call-span.ts";
import type { KeptCall } from "./kept-call.ts";
import type { SpanData } from "./span-data.ts";

/**
 * Writes a call's span, and one for each attempt where these have their own.
 *
 * @param write told the number of an attempt; 0 for the call
 */
export function writeSpans(kept: KeptCall, write: (span: SpanData, attempt: number) => void): void {
  const decisions = kept.traced.decisions();
  if (kept.attempts !== "spans") {
    write(callSpan(kept, decisions.filter(isWorthTelling)), 0);
    return;
  }
  write(callSpan(kept, ofNoAttempt(decisions, kept.traced)), 0);
  let before: TracedAttempt | undefined;
  for (let attempt = kept.traced.attempts; attempt !== undefined; attempt = attempt.next) {
    const own = decisions.filter((decision) => isOf(decision, attempt) && isWorthTelling(decision));
    const hedge = decisions.some((decision) => isHedge(decision, attempt));
    write(attemptSpan(kept, { attempt, before, hedge, decisions: own }), attempt.lease.attempt);
    before = attempt;
  }
}

/** What was decided about the call: refusals, retries, hedges, and a pick that found no endpoint. */
function ofNoAttempt(decisions: readonly Decision[], { attempts }: TracedCall): readonly Decision[] {
  return decisions.filter((decision) => {
    for (let attempt = attempts; attempt !== undefined; attempt = attempt.next) {
      if (isOf(decision, attempt)) return false;
    }
    return true;
  });
}

/** The pick that led to it, and how it went. */
function isOf({ kind, attempt }: Decision, { lease }: TracedAttempt): boolean {
  return attempt === lease.attempt && (kind === "pick" || kind === "attempt");
}

function isHedge(decision: Decision, { lease }: TracedAttempt): boolean {
  return decision.kind === "hedge" && decision.verdict === "started" && decision.attempt === lease.attempt;
}

/** That an attempt succeeded is told by its span. */
function isWorthTelling(decision: Decision): boolean {
  return decision.kind !== "attempt" || (decision.outcome !== "success" && decision.outcome !== "ignored");
}
