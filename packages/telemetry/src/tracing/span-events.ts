import { type Decision, sentence, type TracedAttempt } from "@weft/core";
import { errorMessage, errorType } from "./failure.ts";
import { addAnswer, addEndpoint, type Draft, outcomeWord } from "./span-attributes.ts";
import type { SpanEvent } from "./span-data.ts";

/** What the span itself says, or its time. */
const KNOWN: ReadonlySet<string> = new Set(["kind", "number", "atMs", "call", "attempt"]);

/** Names of attributes by those of fields: there are as many as kinds of decisions have. */
const names = new Map<string, string>();

/** What was decided, and by what: in words, and each number and word of it for those who look for one. */
export function decisionEvent(decision: Decision, epochMs: number): SpanEvent {
  const attributes: Draft = { "weft.decision": decision.kind, "weft.decision.why": sentence(decision) };
  for (const [field, value] of Object.entries(decision)) {
    // Lists are in the words.
    if ((typeof value === "number" || typeof value === "string") && !KNOWN.has(field)) {
      attributes[attributeOf(field)] = value;
    }
  }
  return { name: "weft.decision", epochMs, attributes };
}

/** `pauseMs` is `weft.decision.pause_ms`. */
function attributeOf(field: string): string {
  const known = names.get(field);
  if (known !== undefined) return known;
  const name = `weft.decision.${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
  names.set(field, name);
  return name;
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
