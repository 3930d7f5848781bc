import { type Decision, type PickDecision, sentence, type TracedAttempt } from "@weft/core";
import { errorMessage, errorType } from "./failure.ts";
import { addAnswer, addEndpoint, type Draft, outcomeWord } from "./span-attributes.ts";
import type { SpanEvent } from "./span-data.ts";

/** What was decided, and by what: in words, and as numbers that can be looked for. */
export function decisionEvent(decision: Decision, epochMs: number): SpanEvent {
  const attributes: Draft = { "weft.decision": decision.kind, "weft.decision.why": sentence(decision) };
  switch (decision.kind) {
    case "pick":
      addPick(attributes, decision);
      break;
    case "attempt":
      attributes["weft.decision.verdict"] = decision.outcome;
      attributes["weft.decision.failures_in_a_row"] = decision.consecutive;
      break;
    case "retry":
      attributes["weft.decision.verdict"] = decision.verdict;
      attributes["weft.decision.pause_ms"] = decision.pauseMs;
      attributes["weft.decision.budget"] = decision.budget;
      break;
    case "hedge":
      attributes["weft.decision.verdict"] = decision.verdict;
      attributes["weft.decision.budget"] = decision.budget;
      break;
    case "refusal":
      attributes["weft.decision.verdict"] = decision.by;
      attributes["weft.decision.value"] = decision.value;
      break;
    default:
      decision satisfies never;
  }
  return { name: "weft.decision", epochMs, attributes };
}

function addPick(attributes: Draft, { verdict, members, available, ejected, compared }: PickDecision): void {
  attributes["weft.decision.verdict"] = verdict;
  attributes["weft.decision.members"] = members;
  attributes["weft.decision.available"] = available;
  attributes["weft.decision.ejected"] = ejected;
  attributes["weft.decision.compared"] = compared;
}

/**
 * What a call or an attempt failed with. Without a stack: those of the mesh's errors all say the same, and making the
 * text of one costs more than the span.
 *
 * Source: semantic conventions, "Exceptions on spans".
 */
export function exceptionEvent(error: unknown, epochMs: number): SpanEvent {
  const attributes = { "exception.type": exceptionType(error), "exception.message": errorMessage(error) };
  return { name: "exception", epochMs, attributes };
}

/** Where attempts have no spans of their own: where one went, and what it came to. */
export function attemptEvent(attempt: TracedAttempt, grpc: boolean, epochMs: number): SpanEvent {
  const { lease, error } = attempt;
  const attributes: Draft = { "weft.attempt": lease.attempt, "weft.outcome": outcomeWord(attempt) };
  addEndpoint(attributes, lease.endpoint);
  addAnswer(attributes, attempt, grpc);
  if (error !== undefined) attributes["error.type"] = errorType(error);
  return { name: "weft.attempt", epochMs, attributes };
}

function exceptionType(error: unknown): string {
  return error instanceof Error ? error.name.slice(0, 64) : typeof error;
}
