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

/** gRPC's status for what went wrong. */
export function grpcStatusOfError(error: MeshError, remains: Remains | undefined): number {
  return grpcStatusOfBreak(problemOf(error), remains?.resetCode);
}

/**
 * Tells a caller that there is no answer but the mesh's own.
 *
 * @param grpcStatus in gRPC's terms, with that; -1: in HTTP's
 * @param retriesOver whether it is asked not to repeat the call
 */
export function answerError(
  exchange: CallerExchange,
  error: MeshError,
  grpcStatus: number,
  retriesOver: boolean,
): void {
  const problem = problemOf(error);
  if (grpcStatus < 0) answerProblem(exchange, problem, retriesOver);
  else answerGrpcProblem(exchange, problem, grpcStatus, retriesOver);
}

/** Whether an answer that has begun can still be ended with a status: gRPC has words for that it is not complete. */
export function endsWithStatus({ head, status, over }: CallerExchange): boolean {
  return head.grpc && status === 200 && !over;
}

/**
 * Ends an answer that has begun, and will not be complete.
 *
 * @param grpcStatus with which it ends; -1: it breaks off
 */
export function breakOffAnswer(
  exchange: CallerExchange,
  error: MeshError,
  grpcStatus: number,
  remains: Remains | undefined,
): void {
  if (grpcStatus < 0) return exchange.cut();
  remains?.exchange?.body?.cancel(error); // first: it would break the answer off
  exchange.end(grpcTrailers(problemOf(error), grpcStatus));
}

/** Whatever cut or refused a call, as an error that says whose it is. */
export function asMeshError(error: unknown, service: string): MeshError {
  if (error instanceof MeshError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new MeshError("CLOSED", message, { service, cause: error });
}
