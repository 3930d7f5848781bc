import { MeshError } from "@weft/core";
import type { CallerExchange, EndpointBody } from "@weft/http";
import { grpcStatusOfBreak, grpcTrailers } from "../grpc/grpc-problem.ts";
import { problemOf } from "./problem.ts";
import { answerGrpcProblem, answerProblem } from "./problem-answer.ts";

/** What an endpoint left of an attempt. */
interface Remains {
  /** The code of HTTP/2 that the endpoint reset it with; undefined: it ended otherwise. */
  readonly resetCode: number | undefined;
  /** What the caller's answer comes from. */
  readonly exchange: { readonly body: EndpointBody | undefined } | undefined;
}

/**
 * Tells a caller that there is no answer but the mesh's own.
 *
 * @param asGrpc in gRPC's terms, with nothing but trailers, which stand in the head
 * @returns gRPC's status that it was told; -1: it was told in HTTP's terms
 */
export function answerError(
  exchange: CallerExchange,
  error: MeshError,
  asGrpc: boolean,
  remains: Remains | undefined,
): number {
  const problem = problemOf(error);
  if (!asGrpc) {
    answerProblem(exchange, problem);
    return -1;
  }
  const status = grpcStatusOfBreak(problem, remains?.resetCode);
  answerGrpcProblem(exchange, problem, status);
  return status;
}

/**
 * Ends an answer that has begun, and will not be complete. gRPC has words for that, which is more than a bare end.
 *
 * @returns as `answerError` does
 */
export function breakOffAnswer(exchange: CallerExchange, error: MeshError, remains: Remains | undefined): number {
  if (!exchange.head.grpc || exchange.status !== 200 || exchange.over) {
    exchange.cut();
    return -1;
  }
  const problem = problemOf(error);
  const status = grpcStatusOfBreak(problem, remains?.resetCode);
  remains?.exchange?.body?.cancel(error); // first: it would break the answer off
  exchange.end(grpcTrailers(problem, status));
  return status;
}

/** Whatever cut or refused a call, as an error that says whose it is. */
export function asMeshError(error: unknown, service: string): MeshError {
  if (error instanceof MeshError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new MeshError("CLOSED", message, { service, cause: error });
}
