import { failure, type Outcome, SUCCESS } from "@weft/core";
import { type Fields, grpcStatusOf, type ResponseHead } from "@weft/http";
import { pushbackOf } from "./grpc-pushback.ts";
import { outcomeOfGrpcStatus } from "./grpc-status.ts";

const OK = 200;
/** An answer of gRPC without a status breaks its protocol: its client is told UNKNOWN, and cannot know how it ended. */
const WITHOUT_STATUS: Outcome = failure("protocol");

/**
 * Whether the status of a call is still to come, behind the body.
 *
 * @param whole the answer ended with its head, or with what came right behind it
 */
export function awaitsStatus({ status, grpcStatus }: ResponseHead, whole: boolean): boolean {
  return status === OK && grpcStatus < 0 && !whole;
}

/**
 * What a head of gRPC says of the endpoint that sent it: not of an HTTP status other than 200.
 *
 * @param whole as above. Otherwise, and without a status, it has begun well
 */
export function outcomeOfGrpcHead(head: ResponseHead, whole: boolean): Outcome {
  const { grpcStatus } = head;
  if (grpcStatus < 0) return whole ? WITHOUT_STATUS : SUCCESS;
  const { pauseMs } = pushbackOf(head);
  return outcomeOfGrpcStatus(grpcStatus, pauseMs ?? 0);
}

/** The status behind the body; -1 when there is none. */
export function grpcStatusBehind(trailers: Fields | undefined): number {
  return grpcStatusOf(trailers?.get("grpc-status"));
}

/** What the end of an answer says of its endpoint. @param grpcStatus as `grpcStatusBehind` gives it */
export function outcomeOfGrpcEnd(grpcStatus: number, trailers: Fields | undefined): Outcome {
  if (grpcStatus < 0) return WITHOUT_STATUS;
  if (grpcStatus === 0 || trailers === undefined) return SUCCESS;
  return outcomeOfGrpcStatus(grpcStatus, pushbackOf(trailers).pauseMs ?? 0);
}
