import type { RetryDenial } from "../../events.ts";
import type { Random } from "../../time/time.ts";
import type { RetryBudget } from "../retry-budget/retry-budget.ts";
import type { RetryCap } from "../retry-budget/retry-cap.ts";
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

/** What retries of a service go by. May be changed while calls run. */
export interface RetryRules {
  options: RetryOptions;
  budget: RetryBudget;
  cap: RetryCap;
}

export interface RetryState {
  /** Retries made so far: 0 after the first attempt. That for a closed connection is not among them. */
  readonly retries: number;
  /** Whether the call has been repeated for a connection that its endpoint had closed. */
  readonly renewed: boolean;
  readonly idempotent: boolean;
  /** Whether the request, with its body, can be sent once more. */
  readonly repeatable: boolean;
  readonly deadlineMs: number;
  readonly nowMs: number;
}

export type RetryVerdict =
  /** Nothing failed, as far as retries go. */
  { readonly kind: "answered" } | RetryGrant | { readonly kind: "deny"; readonly reason: RetryDenial };

export interface RetryGrant {
  readonly kind: "retry";
  readonly pauseMs: number;
  /** Nothing was taken for it, and it counts for no retry: it goes round a connection that was closed. */
  readonly free: boolean;
  /** It has a place in the cap, which is released once, when its answer is here or it failed. */
  readonly placed: boolean;
}

const ANSWERED: RetryVerdict = { kind: "answered" };
const AT_ONCE: RetryVerdict = { kind: "retry", pauseMs: 0, free: true, placed: false };

/**
 * Whether a failed attempt is repeated, and after which pause. Takes one retry out of the budget when it is, and a place
 * in the cap unless no endpoint can have worked on the attempt: then nobody has more to do for the retry, and when one
 * of few endpoints is gone, a good part of the calls under way find it gone in the same instant.
 *
 * Repeated is what no endpoint can have acted on, and what is idempotent and listed in `on`; the rules are asked in
 * this order, and the first that says no is the reason. gRPC's UNAVAILABLE, the status that its HTTP mapping gives a
 * 502, 503 and 504, counts as a gateway error too, and then asks for an idempotent call.
 *
 * The first time that a call meets a reused connection which ends without a byte of an answer, it is repeated at once and
 * for nothing, where those rules let it be repeated at all: its endpoint had closed the connection, most likely before
 * it read the request, and has shown no sign of being overloaded. That is no way for a storm: it happens once in a call,
 * and the connection had answered others before. Source: reference 2.12.
 */
export function decideRetry(
  result: AttemptResult,
  state: RetryState,
  { options, budget, cap }: RetryRules,
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
  const stale = failure === "stale-connection";
  // What no endpoint has worked on multiplies nothing, whoever else repeats.
  if (result.leftTo !== undefined && sent !== "no" && !stale) return deny("left-to-caller");
  if (stale && !state.renewed && options.maxRetries > 0 && state.nowMs < state.deadlineMs) return AT_ONCE;
  if (state.retries >= options.maxRetries) return deny("attempts");
  const leftMs = state.deadlineMs - state.nowMs;
  const askedMs = pushbackMs ?? result.retryAfterMs;
  if (askedMs > options.maxRetryAfterMs || (askedMs > 0 && askedMs >= leftMs)) return deny("retry-after");
  const pauseMs = pushbackMs ?? Math.max(askedMs, backoffMs(state.retries + 1, options.backoff, random));
  if (pauseMs >= leftMs) return deny("deadline");
  const placed = sent !== "no";
  if (placed && !cap.hasRoom) return deny("concurrency");
  if (!budget.withdraw(state.nowMs)) return deny("budget");
  if (placed) cap.take();
  return { kind: "retry", pauseMs, free: false, placed };
}

function deny(reason: RetryDenial): RetryVerdict {
  return { kind: "deny", reason };
}
