import { LateBody, SEEN } from "@weft/http";
import { PREVIOUS_ATTEMPTS } from "../grpc/grpc-retry.ts";
import type { Hop } from "./hop.ts";
import { ReplayableBody } from "./replayable-body.ts";

/** Whether it can be sent a second time beside the first. */
export function isHedgeable({ body }: Hop): boolean {
  return body instanceof ReplayableBody ? body.whole : !(body instanceof LateBody);
}

/** Whether the request, with its body, can be sent once more. */
export function isRepeatable({ body }: Hop): boolean {
  return !(body instanceof ReplayableBody) || body.repeatable;
}

/** Whether the endpoint of an attempt may still be sent more of the request. */
export function isSending({ body }: Hop): boolean {
  return body instanceof ReplayableBody ? !body.ended : body instanceof LateBody;
}

/** Whether whoever sent it repeats it by itself: two layers that retry multiply. Source: reference 2.12. */
export function callerRetries({ exchange: { head } }: Hop): boolean {
  return (head.seen & SEEN.attempt) !== 0 || (head.grpc && head.has(PREVIOUS_ATTEMPTS));
}

/** Whether a retry may replace an answer with this status. */
export function mayRetry(hop: Hop, status: number): boolean {
  return hop.path.mayRetry(status) && !callerRetries(hop);
}

/** The same of an answer that is nothing but a status of gRPC, or that has an HTTP status for one. */
export function mayRetryGrpc(hop: Hop, grpcStatus: number, status: number): boolean {
  return (hop.path.mayRetryGrpc(grpcStatus) || hop.path.mayRetry(status)) && !callerRetries(hop);
}
