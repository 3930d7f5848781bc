import { LateBody } from "@weft/http";
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

/** Whether a retry may replace an answer that is nothing but a status of gRPC, or that has an HTTP status for one. */
export function mayRetryGrpc({ path }: Hop, grpcStatus: number, status: number): boolean {
  return path.mayRetryGrpc(grpcStatus) || path.mayRetry(status);
}
