import { type CallFlag, callFlags, type Decision, lengthText, sentence } from "@weft/core";
import type { CallLog } from "../call/call-log.ts";
import type { EndedCall } from "../call/call-ring.ts";
import type { Refusal } from "../call/refused-call.ts";

/** What is told of a call. */
interface ToldCall {
  readonly call: number;
  readonly service: string;
  /** Undefined: it runs, or ended so long ago that only decisions about it are kept. */
  readonly end: EndedCall | undefined;
  /** Oldest first; none when the call log remembers it for longer. */
  readonly decisions: readonly Decision[];
}

/** One call, and why it went as it did. */
export interface ExplainedCall extends ToldCall {
  /** Letters of what went wrong, as the access log has them: `["UF", "URX"]`; none when nothing did, or it runs. */
  readonly flags: readonly string[];
}

/** Those that have ended, each with what was decided about it. @param decisionsOf empty: none is kept */
export function explainEnded(
  ended: readonly EndedCall[],
  decisionsOf: (service: string, call: number) => readonly Decision[],
): ExplainedCall[] {
  return ended.map((end) => {
    const { call, service, refusal } = end;
    return withFlags({ call, service, end, decisions: refusal === undefined ? decisionsOf(service, call) : [] });
  });
}

function withFlags(told: ToldCall): ExplainedCall {
  return { ...told, flags: told.end === undefined ? [] : flagsOfEnded(told.end, told.decisions) };
}

/** Calls that a home remembers. */
export interface CallsExplanation {
  /** In the order they ended; none when there are none, or no longer. */
  readonly calls: readonly ExplainedCall[];
  /** The same in words. */
  readonly text: string;
}

/** Those of one trace: the newest 256. */
export interface TraceExplanation extends CallsExplanation {
  readonly traceId: string;
}

/** What a home remembers of its calls, and when it is asked. */
export interface Remembered {
  readonly calls: CallLog;
  /** On the policy clock. */
  readonly nowMs: number;
  /** What was decided about a call. Empty: nothing is kept. */
  readonly decisionsOf: (service: string, call: number) => readonly Decision[];
}

/**
 * The newest calls that failed, or of which more than one attempt was made, over all services of the home or of one.
 *
 * @param last at most so many, >= 1
 */
export function explainTroubled(
  { calls, nowMs, decisionsOf }: Remembered,
  last: number,
  service?: string,
): CallsExplanation {
  const ended = calls.last(last, { troubled: true, ...(service === undefined ? {} : { service }) });
  return told(explainEnded(ended, decisionsOf), nowMs);
}

/**
 * What became of the calls of a trace, over all services of the home.
 *
 * @param trace its id; capitals are as good
 * @throws RangeError when it is no trace id
 */
export function explainTrace(trace: string, { calls, nowMs, decisionsOf }: Remembered): TraceExplanation {
  const traceId = trace.toLowerCase();
  if (!TRACE_ID.test(traceId))
    throw new RangeError(`a trace id is 32 hexadecimal digits, not all 0; this is "${trace.slice(0, 100)}"`);
  return { traceId, ...told(explainEnded(calls.find(traceId).slice(-MOST), decisionsOf), nowMs) };
}

function told(calls: readonly ExplainedCall[], nowMs: number): CallsExplanation {
  return { calls, text: calls.map((call) => callText(call, nowMs)).join("\n") };
}

/** A load test may send all of its calls with one id: telling of thousands would hold up those that run. */
const MOST = 256;

/** Source: W3C Trace Context 3.2.2.3. */
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;

/** The calls of one service, in the order that they began: those that have ended, and those about which something was decided. */
export function explainService(
  service: string,
  ended: readonly EndedCall[],
  decisions: readonly Decision[],
): ExplainedCall[] {
  const ends = new Map(ended.map((end) => [end.call, end]));
  const about = Map.groupBy(decisions, ({ call }) => call);
  const numbers = new Set([...ends.keys(), ...about.keys()]);
  return [...numbers]
    .toSorted((a, b) => a - b)
    .map((call) => withFlags({ call, service, end: ends.get(call), decisions: about.get(call) ?? [] }));
}

/** Whether it is worth a question: it failed, was given up, or an attempt of it or the search for an endpoint failed. */
export function wasTroubled({ end, decisions }: ToldCall): boolean {
  if (end !== undefined && (end.failed || end.error !== undefined || end.attempts > 1)) return true;
  return decisions.some(tellsFailure);
}

/** A call in words: a headline, and a line for each decision with the time since the call began. */
export function callText({ call, service, end, decisions }: ToldCall, nowMs: number): string {
  if (end?.refusal !== undefined) return refusedText(end, nowMs);
  const sinceMs = end?.startedMs ?? decisions[0]?.atMs ?? nowMs;
  const lines = decisions.map((decision) => {
    return `${`+${lengthText(Math.max(0, decision.atMs - sinceMs))}`.padStart(10)}  ${sentence(decision)}`;
  });
  if (lines.length === 0) lines.push("            what was decided about it is no longer kept");
  const outcome = end === undefined ? "runs, or its end is no longer kept" : endText(end);
  return [`call ${call} to ${service}, ${lengthText(nowMs - sinceMs)} ago: ${outcome}`, ...lines].join("\n");
}

/** In letters, as the access log has them: `["UF", "URX"]`; none when nothing went wrong. */
export function flagsOfEnded(
  { error, failed, refusal }: EndedCall,
  decisions: readonly Decision[],
): readonly (CallFlag | Refusal["flag"])[] {
  if (refusal !== undefined) return [refusal.flag];
  return callFlags({ givenUp: error !== undefined && !failed, error }, decisions);
}

function refusedText({ call, service, startedMs, status, error, traceId, refusal }: EndedCall, nowMs: number): string {
  const answer = status === 0 ? "no answer" : `answer ${status}`;
  const headline = `call ${call} to ${service}, ${lengthText(nowMs - startedMs)} ago: refused with ${error}, ${answer}`;
  return `${headline}${traceText(traceId)}\n            ${refusal?.why}`;
}

/** How a call ended, in words: `failed with CONNECT_FAILED, answer 503 after 12 ms, 2 attempts; trace 4bf9...`. */
function endText(end: EndedCall): string {
  const { status, grpcStatus, endpoint, attempts, error, traceId } = end;
  const grpc = grpcStatus < 0 ? "" : ` (gRPC status ${grpcStatus})`;
  const answer = `${status === 0 ? "no answer" : `answer ${status}`}${grpc}`;
  const from = error === undefined && endpoint !== undefined ? ` from ${endpoint}` : "";
  const tried = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  return [endedBy(end), `${answer}${from} after ${lengthText(end.durationMs)}, ${tried}`, traceText(traceId)].join("");
}

function traceText(traceId: string | undefined): string {
  return traceId === undefined ? "" : `; trace ${traceId}`;
}

function endedBy({ error, failed }: EndedCall): string {
  if (error === undefined) return failed ? "failed, " : "";
  return failed ? `failed with ${error}, ` : "given up by its caller, ";
}

function tellsFailure(decision: Decision): boolean {
  switch (decision.kind) {
    case "attempt":
      return decision.outcome !== "success" && decision.outcome !== "ignored";
    case "refusal":
      return true;
    case "pick":
      return decision.endpoint === undefined;
    case "retry":
      return true; // also after an attempt that its endpoint is not blamed for: it met a connection already closed
    case "hedge":
    case "breaker":
      return false; // what it was about is said by an attempt
    default:
      return decision satisfies never;
  }
}
