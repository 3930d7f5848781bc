import type { Decision, TracedAttempt } from "@weft/core";
import { type AttemptPlace, attemptSpan } from "./attempt-span.ts";
import { callSpan } from "./call-span.ts";
import type { KeptCall } from "./kept-call.ts";
import type { SpanData } from "./span-data.ts";

/**
 * Writes a call's span, and one for each attempt where these have their own.
 *
 * @param write told the number of an attempt; 0 for the call
 */
export function writeSpans(kept: KeptCall, write: (span: SpanData, attempt: number) => void): void {
  const { traced, attempts } = kept;
  const decisions = traced.decisions();
  const own = attempts === "spans" ? traced.attempts : undefined;
  const ofCall = decisions.filter((decision) => isWorthTelling(decision) && !isOfOne(decision, own));
  write(callSpan(kept, ofCall, traced.flags(decisions)), 0);
  let before: TracedAttempt | undefined;
  for (let attempt = own; attempt !== undefined; attempt = attempt.next) {
    write(attemptSpan(kept, placeOf(attempt, before, decisions)), attempt.lease.attempt);
    before = attempt;
  }
}

function placeOf(
  attempt: TracedAttempt,
  before: TracedAttempt | undefined,
  decisions: readonly Decision[],
): AttemptPlace {
  const own: Decision[] = [];
  let hedge = false;
  for (const decision of decisions) {
    if (isOf(decision, attempt)) {
      if (isWorthTelling(decision)) own.push(decision);
    } else if (isHedge(decision, attempt)) hedge = true;
  }
  return { attempt, before, hedge, decisions: own };
}

/** Whether it is told by the span of one of these. */
function isOfOne(decision: Decision, first: TracedAttempt | undefined): boolean {
  for (let attempt = first; attempt !== undefined; attempt = attempt.next) if (isOf(decision, attempt)) return true;
  return false;
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
