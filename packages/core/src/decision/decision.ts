import type { FailureReason } from "../outcome.ts";
import type { RetryDenial } from "../events.ts";

/** One thing that was decided about a call, and what it was decided by. Times are on the policy clock. */
export type Decision = PickDecision | AttemptDecision | RetryDecision | RefusalDecision;

interface Decided {
  /** Counts up over the service's decisions. */
  readonly number: number;
  readonly atMs: number;
  readonly call: number;
  /** 1 for the first attempt; 0 before any. */
  readonly attempt: number;
}

/** Which endpoint, and against which others. */
export interface PickDecision extends Decided {
  readonly kind: "pick";
  readonly verdict: PickVerdict;
  /** Undefined when nothing was picked. */
  readonly endpoint: string | undefined;
  readonly members: number;
  readonly available: number;
  readonly ejected: number;
  readonly typicalMs: number;
  /** At most four; `compared` says how many there were. */
  readonly candidates: readonly Candidate[];
  readonly compared: number;
}

export type PickVerdict =
  | "chosen"
  | "trial" // of an endpoint whose ejection ran out
  | "only-tried" // every other endpoint had been tried already
  | "none-known"
  | "none-passing"
  | "all-ejected"
  | "all-full"; // limits.callsPerEndpoint

export interface Candidate {
  readonly endpoint: string;
  /** Lowest wins; null: not open (tried already, or at its limit). */
  readonly load: number | null;
  readonly latencyMs: number;
  readonly failures: number;
  readonly pending: number;
  readonly weight: number;
  readonly onHold: boolean;
}

/** How an attempt went. */
export interface AttemptDecision extends Decided {
  readonly kind: "attempt";
  readonly endpoint: string;
  readonly outcome: "success" | "ignored" | FailureReason;
  readonly elapsedMs: number;
  /** Failures in a row at that endpoint, this one counted. */
  readonly consecutive: number;
}

/** Whether a failed attempt was repeated. */
export interface RetryDecision extends Decided {
  readonly kind: "retry";
  readonly verdict: "retried" | RetryDenial;
  readonly pauseMs: number;
  /** Retries left in the budget after this. */
  readonly budget: number;
}

/** The call was refused before any attempt. */
export interface RefusalDecision extends Decided {
  readonly kind: "refusal";
  readonly by: Refuser;
  /** The number that was over: calls running, for a limit; ms until the next trial, for the breaker. */
  readonly value: number;
}

export type Refuser = "circuit-breaker" | "limits.calls" | "deadline";

export const PICK_VERDICTS: readonly PickVerdict[] = [
  "chosen",
  "trial",
  "only-tried",
  "none-known",
  "none-passing",
  "all-ejected",
  "all-full",
];
export const RETRY_VERDICTS: readonly RetryDecision["verdict"][] = [
  "retried",
  "attempts",
  "budget",
  "not-idempotent",
  "not-listed",
  "deadline",
  "body",
  "refused-by-endpoint",
  "committed",
];
export const ATTEMPT_OUTCOMES: readonly AttemptDecision["outcome"][] = [
  "success",
  "ignored",
  "connect",
  "reset",
  "timeout",
  "server-error",
  "overloaded",
  "protocol",
  "truncated",
];
export const REFUSERS: readonly Refuser[] = ["circuit-breaker", "limits.calls", "deadline"];
