import {
  type AttemptResult,
  conditionOfGrpcStatus,
  conditionOfStatus,
  GRPC_STATUSES,
  type Outcome,
  type RetryOptions,
} from "@weft/core";
import type { ResponseHead } from "@weft/http";
import { pushbackOf } from "./grpc-pushback.ts";
import { grpcStatusOfHttp } from "./grpc-status.ts";

/** How often the caller's library has tried before. Source: gRPC A6. */
export const PREVIOUS_ATTEMPTS = "grpc-previous-rpc-attempts";

/**
 * The statuses that `retry.on` lists, by the condition they meet. UNAVAILABLE is a gateway error, too.
 *
 * @param options undefined: no retries
 */
export function retriedGrpcStatuses(options: RetryOptions | undefined): ReadonlySet<number> {
  const statuses = new Set<number>();
  if (options === undefined || options.maxRetries === 0) return statuses;
  for (let status = 1; status < GRPC_STATUSES; status++) {
    const condition = conditionOfGrpcStatus(status);
    if (condition === undefined) continue;
    if (options.on.has(condition) || (condition === "unavailable" && options.on.has("gateway-error"))) {
      statuses.add(status);
    }
  }
  return statuses;
}

/**
 * The status that an answer has which is nothing but a head, or that its HTTP status stands for: what retry judges by.
 *
 * @returns -1 for an answer that has begun, or that ended without a status
 */
export function statusForRetry({ status, grpcStatus }: ResponseHead): number {
  if (grpcStatus >= 0) return grpcStatus;
  return status === 200 ? -1 : grpcStatusOfHttp(status);
}

/**
 * What such an answer says to retry.
 *
 * @param grpcStatus as `statusForRetry` gives it, > 0
 * @param forbidden  whether the endpoint refuses to be asked again in HTTP's terms
 */
export function resultOfGrpcAnswer(
  head: ResponseHead,
  grpcStatus: number,
  outcome: Outcome,
  forbidden: boolean,
): AttemptResult {
  const pushback = pushbackOf(head);
  const holdMs = outcome.kind === "failure" ? outcome.holdMs : 0;
  return {
    outcome,
    failure: conditionOfGrpcStatus(grpcStatus) ?? conditionOfStatus(head.status),
    status: head.status,
    sent: "yes",
    retryAfterMs: pushback.pauseMs ?? holdMs,
    forbidden: forbidden || pushback.forbidden,
    ...(pushback.pauseMs === undefined ? {} : { pushbackMs: pushback.pauseMs }),
  };
}
