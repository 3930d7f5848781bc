import { ATTEMPT_FIELD, type OtherAttempt, readAttempt } from "@weft/core";
import { LateBody, SEEN } from "@weft/http";
import { isOnThisMachine } from "@weft/runtime";
import { PREVIOUS_ATTEMPTS } from "../grpc/grpc-retry.ts";
import { hostOf } from "./hashed-hop.ts";
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

/** What its caller says of repeating it by itself; undefined: nothing that is believed. Source: reference 2.12. */
export function callersAttempt({ exchange: { head, peer } }: Hop): OtherAttempt | undefined {
  if ((head.seen & SEEN.attempt) !== 0 && isOnThisMachine(hostOf(peer))) {
    return readAttempt(head.get(ATTEMPT_FIELD) ?? "");
  }
  const before = head.grpc ? head.get(PREVIOUS_ATTEMPTS) : undefined;
  return before === undefined ? undefined : { number: 0, most: 0, by: "grpc" };
}

/** Whether a retry may replace an answer that is nothing but a status of gRPC, or that has an HTTP status for one. */
export function mayRetryGrpc({ path }: Hop, grpcStatus: number, status: number): boolean {
  return path.mayRetryGrpc(grpcStatus) || path.mayRetry(status);
}
