import { type Decision, sentence, type TracedAttempt } from "@weft/core";
import { errorMessage, errorType } from "./failure.ts";
import { addAnswer, addEndpoint, type Draft, outcomeWord } from "./span-attributes.ts";
import type { SpanEvent } from "./span-data.ts";

/** What is not said of a decision: what its span says itself, and what its words say and nobody looks for. */
const UNSAID: ReadonlySet<string> = new Set(
  ["kind", "number", "atMs", "call", "attempt", "endpoint"].concat(["members", "unhealthy", "typicalMs", "compared"]),
);

/** By kinds of decisions: the fields that are said, each with its attribute. All decisions of a kind have the same ones. */
const said = new Map<string, readonly (readonly [field: string, attribute: string])[]>();

/**
 * What was decided, and by what: in words, and as words and numbers that can be looked for. A number that is zero is not
 * said.
 */
export function decisionEvent(decision: Decision, epochMs: number): SpanEvent {
  const attributes: Draft = { "weft.decision": decision.kind, "weft.decision.why": sentence(decision) };
  addFields(attributes, decision);
  return { name: "weft.decision", epochMs, attributes };
}

/** Lists are left out: they are in the words. */
function addFields(attributes: Draft, decision: Decision): void {
  for (const [field, attribute] of said.get(decision.kind) ?? fieldsOf(decision)) {
    // A field of the decision: it is among its kind's.
    const value: unknown = decision[field as keyof Decision];
    if (typeof value === "string" || (typeof value === "number" && value !== 0)) attributes[attribute] = value;
  }
}

/** `pauseMs` is `weft.decision.pause_ms`. */
function fieldsOf(decision: Decision): readonly (readonly [string, string])[] {
  const fields = Object.keys(decision)
    .filter((field) => !UNSAID.has(field))
    .map(
      (field) => [field, `weft.decision.${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`] as const,
    );
  said.set(decision.kind, fields);
  return fields;
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
