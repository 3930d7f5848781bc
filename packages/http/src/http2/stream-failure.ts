import { failure, IGNORED, type MeshErrorCode } from "@weft/core";
import type { ExchangeFailure, ExchangePhase } from "../client/exchange-failure.ts";
import { errorName, H2_ERROR } from "./frame.ts";

/** The endpoint says that it never looked at the request: by REFUSED_STREAM, or a GOAWAY below it (RFC 9113 8.7). */
export function neverRan(how: string): ExchangeFailure {
  return {
    outcome: IGNORED,
    failure: "refused-stream",
    status: 0,
    sent: "no",
    retryAfterMs: 0,
    forbidden: false,
    code: "CONNECTION_LOST",
    problem: `the endpoint did not take the request: ${how}`,
    cause: undefined,
  };
}

/** The endpoint reset the stream. */
export function resetStream(phase: ExchangePhase, code: number): ExchangeFailure {
  if (code === H2_ERROR.refusedStream) return neverRan("REFUSED_STREAM");
  const begun = phase === "receiving";
  return {
    outcome: failure(begun ? "truncated" : "reset"),
    failure: begun ? undefined : "reset-before-response",
    status: 0,
    sent: begun ? "yes" : "maybe",
    retryAfterMs: 0,
    forbidden: false,
    code: "CONNECTION_LOST",
    h2Code: code,
    problem: begun
      ? `the answer was cut before its end: the endpoint reset the stream (${errorName(code)})`
      : `the endpoint reset the stream before an answer (${errorName(code)})`,
    cause: undefined,
  };
}

/**
 * The endpoint has said that it takes no such head. It is not sent there: servers refuse it, and some end the connection,
 * under the streams of others (Netty, a quarter beyond). Nor is it repeated: the next endpoint most likely says the same.
 */
export function headTooLarge(bytes: number, most: number): ExchangeFailure {
  const problem = `the head of the request has ${bytes} bytes, and the endpoint takes ${most} (SETTINGS_MAX_HEADER_LIST_SIZE)`;
  // As an endpoint's reset would, the code stands for INTERNAL of gRPC: what grpc-go says.
  return { ...oursToBlame("PROTOCOL_ERROR", problem, "no"), failure: undefined, h2Code: H2_ERROR.internalError };
}

/** Something of ours stands in the way. */
export function oursToBlame(code: MeshErrorCode, problem: string, sent: ExchangeFailure["sent"]): ExchangeFailure {
  return {
    outcome: IGNORED,
    failure: sent === "no" ? "never-sent" : undefined,
    status: 0,
    sent,
    retryAfterMs: 0,
    forbidden: false,
    code,
    problem,
    cause: undefined,
  };
}
