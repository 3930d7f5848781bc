import type { RetryDenial } from "../../events.ts";
import type { Random } from "../../time/time.ts";
import type { RetryBudget } from "../retry-budget/retry-budget.ts";
import { type AttemptResult, isGrpcCondition, type RetryCondition } from "./attempt-result.ts";
import { BACKOFF_DEFAULTS, backoffMs, type BackoffOptions } from "./backoff.ts";

export interface RetryOptions {
  /** Attempts after the first, 0 to 10. Default 1 (Envoy `num_retries`). */
  readonly maxRetries: number;
  /**
   * Failures of idempotent calls that are repeated: conditions, or statuses by number. A status of gRPC that is listed
   * is repeated of any call, as gRPC's own policy does (A6 `retryableStatusCodes`): each of its calls is a POST.
   */
  readonly on: ReadonlySet<RetryCondition | number>;
  readonly backoff: BackoffOptions;
  /** A longer Retry-After or pushback is not waited for: the answer goes to the caller. In ms, >= 0. Default 1,000. */
  readonly maxRetryAfterMs: number;
}

export const RETRY_DEFAULTS: RetryOptions = {
  maxRetries: 1,
  on: new Set<RetryCondition>([
    "never-sent",
    "connect-failure",
    "refused-stream",
    "stale-connection",
    "reset-before-response",
    "gateway-error",
    "timeout",
  ]),
  backoff: BACKOFF_DEFAULTS,
  maxRetryAfterMs: 1_000,
};

export interface RetryState {
  /** Retries made so far: 0 after the first attempt. */
  readonly retries: number;
  readonly idempotent: boolean;
  /** Whether the request, with its body, can be sent once more. */
  readonly repeatable: boolean;
  readonly deadlineMs: number;
  readonly nowMs: number;
}

export type RetryVerdict =
  /** Nothing failed, as far as retries go. */
  | { readonly kind: "answered" }
  | { readonly kind: "retry"; readonly pauseMs: number }
  | { readonly kind: "deny"; readonly reason: RetryDenial };

const ANSWERED: RetryVerdict = { kind: "answered" };

/**
 * Whether a failed attempt is repeated, and after which pause. Takes one retry out of the budget when it is.
 *
 * Repeated is what no endpoint can have acted on, and what is idempotent and listed in `on`; the rules are asked in
 * this order, and the first that says no is the reason. gRPC's UNAVAILABLE, the status that its HTTP mapping gives a
 * 502, 503 and 504, counts as a gateway error too, and then asks for an idempotent call. Source: reference 2.12.
 */
export function decideRetry(
  result: AttemptResult,
  state: RetryState,
  options: RetryOptions,
  budget: RetryBudget,
  random: Random,
): RetryVerdict {
  const { failure, status, sent, pushbackMs } = result;
  const named = failure !== undefined && options.on.has(failure);
  const listed = named || options.on.has(status) || (failure === "unavailable" && options.on.has("gateway-error"));
  if (failure === undefined && !listed) return ANSWERED;
  const safe = sent === "no" && options.on.has("never-sent");
  if (result.forbidden) return deny("refused-by-endpoint");
  if (!safe && !listed) return deny("not-listed");
  const agreed = named && isGrpcCondition(failure);
  if (!safe && !agreed && !state.idempotent) return deny("not-idempotent");
  if (!state.repeatable) return deny("body");
  if (state.retries >= options.maxRetries) return deny("attempts");
  if (Math.max(result.retryAfterMs, pushbackMs ?? 0) > options.maxRetryAfterMs) return deny("deadline");
  const pauseMs = pushbackMs ?? Math.max(result.retryAfterMs, backoffMs(state.retries + 1, options.backoff, random));
  if (state.nowMs + pauseMs >= state.deadlineMs) return deny("deadline");
  if (!budget.withdraw(state.nowMs)) return deny("budget");
  return { kind: "retry", pauseMs };
}

function deny(reason: RetryDenial): RetryVerdict {
  return { kind: "deny", reason };
}
