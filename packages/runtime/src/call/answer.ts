import {
  type AttemptResult,
  conditionOfStatus,
  type Outcome,
  outcomeOfStatus,
  parseRetryAfter,
  SUCCESS,
} from "@weft/core";

/** Below, every answer is a success of the endpoint: 4xx is about the request. Source: core `outcomeOfStatus`. */
const FIRST_FAILURE = 429;

/**
 * What the head of an answer says about its endpoint.
 *
 * @param retryAfter the header as it came; undefined when there is none
 * @param epochMs wall clock, for a Retry-After that is a date
 */
export function outcomeOfAnswer(status: number, retryAfter: string | undefined, epochMs: () => number): Outcome {
  if (status < FIRST_FAILURE) return SUCCESS;
  return outcomeOfStatus(status, retryAfter === undefined ? 0 : parseRetryAfter(retryAfter, epochMs));
}

/**
 * What the same head says to retry.
 *
 * @param outcome as `outcomeOfAnswer` gives it
 * @param forbidden whether the endpoint refuses to be asked again: `x-no-retry` or `x-envoy-overloaded` is there
 */
export function resultOfAnswer(status: number, outcome: Outcome, forbidden: boolean): AttemptResult {
  return {
    outcome,
    failure: conditionOfStatus(status),
    status,
    sent: "yes",
    retryAfterMs: outcome.kind === "failure" ? outcome.holdMs : 0,
    forbidden,
  };
}
