import { type Decision, isGivenUp, type TracedCall } from "@weft/core";
import { failureOf, spanStatus } from "./failure.ts";
import type { KeptCall } from "./kept-call.ts";
import { addAnswer, addEndpoint, type Draft, receivedAttributes, sentAttributes, spanName } from "./span-attributes.ts";
import type { SpanData, SpanEvent, SpanKind, SpanLink } from "./span-data.ts";
import { attemptEvent, decisionEvent, exceptionEvent } from "./span-events.ts";

const NO_LINKS: readonly SpanLink[] = Object.freeze([]);

/**
 * The span of a whole call: its waiting, its attempts, and its body to the last byte.
 *
 * @param decisions about it that are not told by an attempt's span
 * @param flags letters of what went wrong
 */
export function callSpan(kept: KeptCall, decisions: readonly Decision[], flags: readonly string[]): SpanData {
  const { traced, place, rpcMethod, aheadMs } = kept;
  const { call, request, status, grpcStatus } = traced;
  const inbound = request.side === "inbound";
  const error = isGivenUp(traced) ? undefined : traced.error;
  const failure = failureOf({ error, status, grpcStatus }, inbound ? "called" : "caller");
  const attributes = (inbound ? receivedAttributes : sentAttributes)(request, rpcMethod);
  addAnswer(attributes, traced, rpcMethod !== undefined);
  if (failure !== undefined) attributes["error.type"] = failure;
  if (kept.attempts !== "spans") addLastEndpoint(attributes, traced);
  attributes["weft.side"] = request.side;
  attributes["weft.call"] = call.number;
  attributes["weft.attempts"] = call.attempt;
  attributes["weft.balancer"] = traced.balancer;
  if (traced.breaker !== undefined) attributes["weft.breaker"] = traced.breaker;
  if (kept.reason !== undefined) attributes["weft.kept"] = kept.reason;
  if (flags.length > 0) attributes["weft.flags"] = flags;
  return {
    traceId: place.traceId,
    spanId: place.spanId,
    parentSpanId: place.parentSpanId,
    parentRemote: place.parentRemote,
    sampled: place.sampled,
    name: spanName(request, rpcMethod),
    kind: kindOf(kept),
    startEpochMs: call.startedMs + aheadMs,
    endEpochMs: traced.endedMs + aheadMs,
    attributes,
    events: eventsOf(kept, decisions, error),
    links: NO_LINKS,
    status: spanStatus(failure, error),
  };
}

/** Without spans of attempts, the call's is the one that goes to another process: whoever draws maps looks for it. */
function kindOf({ traced, attempts }: KeptCall): SpanKind {
  if (traced.request.side === "inbound") return "server";
  return attempts === "spans" ? "internal" : "client";
}

/** Of an inbound call the peer is who called. */
function addLastEndpoint(attributes: Draft, { call, request }: TracedCall): void {
  if (call.begun !== undefined && request.side !== "inbound") addEndpoint(attributes, call.begun.endpoint);
}

function eventsOf(kept: KeptCall, decisions: readonly Decision[], error: unknown): SpanEvent[] {
  const { traced, attempts, rpcMethod, aheadMs } = kept;
  const events = decisions.map((decision) => decisionEvent(decision, decision.atMs + aheadMs));
  if (attempts === "events") {
    for (let attempt = traced.attempts; attempt !== undefined; attempt = attempt.next) {
      events.push(attemptEvent(attempt, rpcMethod !== undefined, attempt.lease.startedMs + aheadMs));
    }
  }
  if (error !== undefined) events.push(exceptionEvent(error, traced.endedMs + aheadMs));
  return events;
}
