import { Fields } from "@weft/http";
import type { Problem } from "../hop/problem.ts";
import { grpcMessage } from "./grpc-message.ts";
import { GRPC_STATUS, grpcStatusOfHttp, grpcStatusOfReset } from "./grpc-status.ts";

const GATEWAY_TIMEOUT = 504;

/**
 * How gRPC says a problem of the mesh: DEADLINE_EXCEEDED when time ran out, else what the HTTP status stands for. So
 * whoever has no endpoint, no room or no connection is told UNAVAILABLE, as Envoy does it and as gRPC's own limits do
 * (A32, "max_requests").
 */
export function grpcStatusOfProblem({ status }: Pick<Problem, "status">): number {
  return status === GATEWAY_TIMEOUT ? GRPC_STATUS.deadlineExceeded : grpcStatusOfHttp(status);
}

/**
 * The same of a call that an endpoint may have ended by a reset, whose code says more.
 *
 * @param resetCode of HTTP/2; undefined: it was something else
 */
export function grpcStatusOfBreak(problem: Pick<Problem, "status">, resetCode: number | undefined): number {
  return resetCode === undefined ? grpcStatusOfProblem(problem) : grpcStatusOfReset(resetCode);
}

/** The head that is all of the answer. Source: gRPC over HTTP/2, "Trailers-Only". */
export function grpcProblem({ code, detail, lines }: Problem, grpcStatus: number): Fields {
  return Fields.ofLines(
    `content-type: application/grpc\r\ngrpc-status: ${grpcStatus}\r\n` +
      `grpc-message: ${grpcMessage(detail)}\r\nx-weft-error: ${code}\r\n${lines}`,
  );
}

/** The trailers that end an answer which has begun. */
export function grpcTrailers({ code, detail }: Pick<Problem, "code" | "detail">, grpcStatus: number): Fields {
  const status = ["grpc-status", String(grpcStatus), "grpc-message", grpcMessage(detail)];
  return Fields.ofList([...status, "x-weft-error", code]);
}
