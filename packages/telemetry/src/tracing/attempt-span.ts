import type { Decision, TracedAttempt } from "@weft/core";
import { failureOf, spanStatus } from "./failure.ts";
import type { KeptCall } from "./kept-call.ts";
import { addAnswer, addEndpoint, type Draft, outcomeWord, sentAttributes, spanName } from "./span-attributes.ts";
import type { SpanData, SpanLink } from "./span-data.ts";
import { decisionEvent, exceptionEvent } from "./span-events.ts";

/** An attempt among those of its call. */
export interface AttemptPlace {
  readonly attempt: TracedAttempt;
  /** The one that began before it. */
  readonly before: TracedAttempt | undefined;
  /** Whether it joined the one before, which went on. */
  readonly hedge: boolean;
  /** What was decided about it. */
  readonly decisions: readonly Decision[];
}

const NO_LINKS: readonly SpanLink[] = Object.freeze([]);

/** The span of one attempt: what went to an endpoint, a child of the call's span. */
export function attemptSpan(kept: KeptCall, { attempt, before, hedge, decisions }: AttemptPlace): SpanData {
  const { traced, place, rpcMethod, aheadMs } = kept;
  const { request } = traced;
  const { lease, error } = attempt;
  const failure = failureOfAttempt(attempt);
  const attributes = sentAttributes(request, rpcMethod);
  addEndpoint(attributes, lease.endpoint);
  addAnswer(attributes, attempt, rpcMethod !== undefined);
  if (failure !== undefined) attributes["error.type"] = failure;
  attributes["weft.attempt"] = lease.attempt;
  attributes["weft.outcome"] = outcomeWord(attempt);
  addRepetition(attributes, kept, lease.attempt, before, hedge);
  addPick(attributes, decisions);
  // One that was given up for another, or with the call, may still have been on its way out.
  const endedMs = attempt.endedMs > 0 ? attempt.endedMs : traced.endedMs;
  const events = decisions.map((decision) => decisionEvent(decision, decision.atMs + aheadMs));
  if (error !== undefined) events.push(exceptionEvent(error, endedMs + aheadMs));
  return {
    traceId: place.traceId,
    spanId: kept.spanIdOf(lease.attempt),
    parentSpanId: place.spanId,
    parentRemote: false,
    sampled: place.sampled,
    name: spanName(request, rpcMethod),
    kind: "client",
    startEpochMs: lease.startedMs + aheadMs,
    endEpochMs: endedMs + aheadMs,
    attributes,
    events,
    links: hedge && before !== undefined ? [hedgeLink(kept, before)] : NO_LINKS,
    status: spanStatus(failure, error),
  };
}

function failureOfAttempt(attempt: TracedAttempt): string | undefined {
  const { outcome } = attempt;
  return failureOf(attempt, "caller") ?? (outcome.kind === "failure" ? outcome.reason : undefined);
}

/** Why it is not the first. */
function addRepetition(
  attributes: Draft,
  { rpcMethod, traced }: KeptCall,
  attempt: number,
  before: TracedAttempt | undefined,
  hedge: boolean,
): void {
  if (attempt > 1 && rpcMethod === undefined && traced.request.protocol === "http")
    attributes["http.request.resend_count"] = attempt - 1;
  if (before === undefined) return;
  if (hedge) attributes["weft.hedge"] = true;
  else attributes["weft.retry.reason"] = outcomeWord(before);
}

function addPick(attributes: Draft, decisions: readonly Decision[]): void {
  for (const decision of decisions) if (decision.kind === "pick") attributes["weft.pick"] = decision.verdict;
}

function hedgeLink({ place, spanIdOf }: KeptCall, slow: TracedAttempt): SpanLink {
  return {
    traceId: place.traceId,
    spanId: spanIdOf(slow.lease.attempt),
    sampled: place.sampled,
    attributes: { "weft.link": "hedge-of" },
  };
}
