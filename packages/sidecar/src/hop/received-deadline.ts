import { type Fields, type RequestHead, SEEN } from "@weft/http";
import { deadlineText, ENVOYS_DEADLINE_FIELD, readDeadlineMs } from "@weft/runtime";
import { grpcTimeoutMs } from "../grpc/grpc-timeout.ts";

/** What of a request says how long its caller waits. */
type DeadlineHead = Pick<RequestHead, "deadline" | "grpcTimeout" | "seen" | "get">;

/** A field beside our own, and gRPC's, that says how long the caller waits. */
export const OTHER_DEADLINES: number = SEEN.expectedTimeout;

/** Whether the caller said how long it waits. Three comparisons: asked of each request. */
export function bringsDeadline({ deadline, grpcTimeout, seen }: DeadlineHead): boolean {
  return deadline !== "" || grpcTimeout !== "" || (seen & OTHER_DEADLINES) !== 0;
}

/**
 * How long the caller still waits, in ms: the shortest that it says by `x-request-deadline-ms`, Envoy's header or
 * gRPC's. What does not follow the rules of its header says nothing.
 *
 * @returns Infinity when nothing says so; 0 when it waits no more
 */
export function receivedDeadlineMs(head: DeadlineHead): number {
  const own = Math.min(readDeadlineMs(head.deadline), grpcTimeoutMs(head.grpcTimeout));
  if ((head.seen & OTHER_DEADLINES) === 0) return own;
  // Of Envoy, 0 is no deadline: there it switches timeouts off.
  return Math.min(own, readDeadlineMs(head.get(ENVOYS_DEADLINE_FIELD) ?? "") || Number.POSITIVE_INFINITY);
}

/**
 * Writes down what is left in Envoy's terms, too, where the caller used them: an endpoint that reads those would
 * otherwise count on time that has passed here.
 */
export function restateDeadline(head: Fields, leftMs: number): void {
  if (leftMs === Number.POSITIVE_INFINITY) return;
  if (head.has(ENVOYS_DEADLINE_FIELD)) head.set(ENVOYS_DEADLINE_FIELD, deadlineText(leftMs));
}
