import {
  type AttemptResult,
  failure,
  IGNORED,
  type MeshErrorCode,
  type Outcome,
  type RetryCondition,
} from "@weft/core";

/** How far an exchange with an endpoint had come. */
export type ExchangePhase =
  /** No byte of the request has left. */
  | "queued"
  /** Sent, at least in part; no byte of an answer. */
  | "waiting"
  /** The same, on a connection that had served before: the endpoint may have closed it before it saw the request. */
  | "waiting on a reused connection"
  /** Part of an answer is here. */
  | "receiving";

/** Why an exchange with an endpoint came to nothing: facts about the wire, from which retries and ejection follow. */
export interface ExchangeFailure extends AttemptResult {
  readonly code: MeshErrorCode;
  /** Of HTTP/2, when the endpoint reset the stream with it. */
  readonly h2Code?: number;
  /** In plain words, without whose it was. */
  readonly problem: string;
  readonly cause: unknown;
}

/**
 * The connection ended.
 *
 * @param how in plain words; "" when it was closed without an error
 * @param held no byte of the request had left, though it was written: a request that may not be repeated, may be then
 */
export function lostConnection(phase: ExchangePhase, how: string, cause: unknown, held = false): ExchangeFailure {
  const why = how === "" ? "closed by the endpoint" : how;
  const sent = held ? "no" : "maybe";
  switch (phase) {
    case "queued":
      return failed("never-sent", IGNORED, "no", "CONNECT_FAILED", `no connection: ${why}`, cause);
    case "waiting":
      return failed(
        "reset-before-response",
        failure("reset"),
        sent,
        "CONNECTION_LOST",
        `the connection ended before an answer: ${why}`,
        cause,
      );
    case "waiting on a reused connection":
      // Usually the endpoint closed an idle connection as we took it: that is no failure of the endpoint.
      return failed(
        "stale-connection",
        IGNORED,
        sent,
        "CONNECTION_LOST",
        `the reused connection ended before an answer: ${why}`,
        cause,
      );
    case "receiving":
      return failed(
        undefined,
        failure("truncated"),
        "yes",
        "CONNECTION_LOST",
        `the answer was cut before its end: ${why}`,
        cause,
      );
    default:
      return phase satisfies never;
  }
}

/** What came is no answer. @param begun whether its head had been handed on */
export function unreadableAnswer(begun: boolean, detail: string): ExchangeFailure {
  const problem = begun ? `the answer's body is malformed: ${detail}` : `the answer is no HTTP response: ${detail}`;
  return failed(
    begun ? undefined : "reset-before-response",
    failure(begun ? "truncated" : "protocol"),
    "yes",
    "PROTOCOL_ERROR",
    problem,
    undefined,
  );
}

/** No connection could be had within the limits. @param limit its name in the policy */
export function noRoom(limit: string, most: number): ExchangeFailure {
  const problem = `${limit}: all ${most} are in use; raise it or send fewer at once`;
  return failed("never-sent", IGNORED, "no", "OVERLOADED", problem, undefined);
}

/** The body of the request broke off. */
export function brokenRequest(cause: unknown): ExchangeFailure {
  return failed(undefined, IGNORED, "yes", "CONNECTION_LOST", "the body of the request broke off", cause);
}

/** The endpoint's connections were closed under it, by us. */
export function poolClosed(phase: ExchangePhase): ExchangeFailure {
  const problem = "the endpoint's connections were closed";
  if (phase === "queued") return failed("never-sent", IGNORED, "no", "CLOSED", problem, undefined);
  return failed(undefined, IGNORED, phase === "receiving" ? "yes" : "maybe", "CLOSED", problem, undefined);
}

function failed(
  condition: RetryCondition | undefined,
  outcome: Outcome,
  sent: ExchangeFailure["sent"],
  code: MeshErrorCode,
  problem: string,
  cause: unknown,
): ExchangeFailure {
  return { outcome, failure: condition, status: 0, sent, retryAfterMs: 0, forbidden: false, code, problem, cause };
}
