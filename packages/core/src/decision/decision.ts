import type { SessionFate } from "../cluster/session-keepers.ts";
import type { Absence } from "../cluster/usable.ts";
import type { EjectionReason, RetryDenial } from "../events.ts";
import type { FailureReason } from "../outcome.ts";
import type { PickGroup } from "./pick-group.ts";
import type { BreakerState } from "../policy/circuit-breaker/circuit-breaker.ts";
import type { OtherAttempt } from "../policy/retry/other-attempt.ts";

/** One thing that was decided about a call, and what it was decided by. Times are on the policy clock. */
export type Decision =
  | PickDecision
  | AttemptDecision
  | RetryDecision
  | HedgeDecision
  | RefusalDecision
  | BreakerDecision;

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
  /** Kept out by their active check. */
  readonly unhealthy: number;
  /** At most three of those that take no traffic, ejected ones first. */
  readonly absent: readonly Absent[];
  readonly typicalMs: number;
  /**
   * What the picker drew, at most the first four: an index into the endpoints that were available, or a share in [0, 1)
   * of the whole weight.
   */
  readonly draws: readonly number[];
  /** At most four; `compared` says how many there were. */
  readonly candidates: readonly Candidate[];
  readonly compared: number;
  /** Among which endpoints; undefined: among all that were available, and zones do not count. */
  readonly group: PickGroup | undefined;
  /** Nobody was open there, so it was made among all. */
  readonly beyondGroup: boolean;
  /** Of a call that belongs to one; undefined for the others. */
  readonly session: PickedSession | undefined;
}

/** The endpoint that keeps a call's session, and whether it took the attempt. */
export interface PickedSession {
  /** Undefined: nobody knows, any more. */
  readonly endpoint: string | undefined;
  readonly fate: SessionFate;
  /** Until its ejection ends; null for other reasons, and when it is ejected until somebody restores it. */
  readonly forMs: number | null;
}

/** An endpoint that took no traffic when the pick was made. */
export interface Absent {
  readonly endpoint: string;
  /** The first rule that kept it out. */
  readonly why: Absence;
  /** Until its ejection ends; null for other reasons, and when it is ejected until somebody restores it. */
  readonly forMs: number | null;
  /** The rule that ejected it; undefined for other reasons. */
  readonly by: EjectionReason | undefined;
}

export type PickVerdict =
  | "chosen"
  | "session" // it keeps the call's session
  | "trial" // of an endpoint whose ejection ran out
  | "unkeyed" // by chance: the call has nothing that the balancer hashes
  | "passed-on" // by an endpoint that takes a part of its picks: it is new, or at the edge of a subset
  | "only-tried" // every other endpoint had been tried already
  | "none-known"
  | "all-draining"
  | "all-ejected"
  | "all-full" // limits.callsPerEndpoint
  | "all-learned-full" // limits.adaptivePerEndpoint, of one at least
  | "session-bound"; // the endpoint of its session takes no call, and it may not move

export interface Candidate {
  readonly endpoint: string;
  /**
   * Lowest wins; null: not open (tried already, or at its limit). Below 0: it was compared with nobody, but taken so that
   * something is heard of it. From 2^40 on: hot, by Prequal.
   */
  readonly load: number | null;
  readonly latencyMs: number;
  readonly failures: number;
  readonly pending: number;
  readonly weight: number;
  readonly onHold: boolean;
  /**
   * Requests that it has in flight for all its callers, by its own report and our attempts since. Null: the balancer does
   * not go by that.
   */
  readonly inFlight: number | null;
}

/** How an attempt went. */
export interface AttemptDecision extends Decided {
  readonly kind: "attempt";
  readonly endpoint: string;
  readonly outcome: "success" | "ignored" | FailureReason;
  readonly elapsedMs: number;
  /** Failures in a row at that endpoint, this one counted. */
  readonly consecutive: number;
  /** For how long that endpoint is ejected when the attempt has ended. 0: it is not; null: until it is restored. */
  readonly ejectedForMs: number | null;
  /** By which rule; undefined when it is not. */
  readonly ejectedBy: EjectionReason | undefined;
}

/** Whether a failed attempt was repeated. */
export interface RetryDecision extends Decided {
  readonly kind: "retry";
  readonly verdict: "retried" | "renewed" | RetryDenial;
  readonly pauseMs: number;
  /** Retries left in the budget after this, and before. */
  readonly budget: number;
  readonly budgetBefore: number;
  /** Retries under way, and how many may be; undefined unless that is why: `concurrency`. */
  readonly underWay: { readonly running: number; readonly most: number } | undefined;
  /** What the caller says of its own retries; undefined unless that is why: `left-to-caller`. */
  readonly leftTo: OtherAttempt | undefined;
}

/** Whether a second attempt joined one that took long, and which of the two answered. */
export interface HedgeDecision extends Decided {
  readonly kind: "hedge";
  readonly verdict: HedgeVerdict;
  /** Since the first attempt began, in ms. */
  readonly elapsedMs: number;
  /** Hedges left in the budget after this. */
  readonly budget: number;
}

export type HedgeVerdict =
  | "started"
  | "won" // the second attempt gave the answer
  | "lost" // the first did
  // No second attempt, though it was time for one:
  | "budget" // hedge.maxExtraRatio
  | "nowhere" // no other endpoint would take it
  | "body"; // the request's body cannot be sent again

/** The call was refused before any attempt. */
export interface RefusalDecision extends Decided {
  readonly kind: "refusal";
  readonly by: Refuser;
  /** The number that was over: calls running, for a limit; ms until the next trial, for the breaker. */
  readonly value: number;
}

export type Refuser =
  | "circuit-breaker"
  | "limits.calls"
  | "limits.adaptive" // the value: calls running
  | "limits.shares" // calls of its importance running
  | "rule-limits" // of the rule that the call matches; calls of it running
  | "rate-limit" // ms until the next call may go
  | "admission-control" // percent of the calls that are refused
  | "deadline";

/** A breaker that is not closed let the call through. None is noted while it is closed. */
export interface BreakerDecision extends Decided {
  readonly kind: "breaker";
  /** As the call found it: the one it lets through while half-open is the trial that decides. */
  readonly state: BreakerState["kind"];
}

/** The numbers that stand for words in the ring. */
export const PICK_CODES: Readonly<Record<PickVerdict, number>> = {
  chosen: 0,
  trial: 1,
  "only-tried": 2,
  "none-known": 3,
  "all-draining": 4,
  "all-ejected": 5,
  "all-full": 6,
  "passed-on": 7,
  unkeyed: 8,
  session: 9,
  "session-bound": 10,
  "all-learned-full": 11,
};
export const FATE_CODES: Readonly<Record<SessionFate, number>> = {
  kept: 0,
  lost: 1,
  tried: 2,
  full: 3,
  draining: 4,
  registry: 5,
  "active-check": 6,
  ejected: 7,
  trial: 8,
};
export const RETRY_CODES: Readonly<Record<RetryDecision["verdict"], number>> = {
  retried: 0,
  attempts: 1,
  budget: 2,
  "not-idempotent": 3,
  "not-listed": 4,
  deadline: 5,
  body: 6,
  "refused-by-endpoint": 7,
  committed: 8,
  renewed: 9,
  concurrency: 10,
  "left-to-caller": 11,
  "retry-after": 12,
};
export const HEDGE_CODES: Readonly<Record<HedgeVerdict, number>> = {
  started: 0,
  won: 1,
  lost: 2,
  budget: 3,
  nowhere: 4,
  body: 5,
};
export const ATTEMPT_CODES: Readonly<Record<AttemptDecision["outcome"], number>> = {
  success: 0,
  ignored: 1,
  connect: 2,
  reset: 3,
  timeout: 4,
  "server-error": 5,
  overloaded: 6,
  protocol: 7,
  truncated: 8,
};
export const REFUSAL_CODES: Readonly<Record<Refuser, number>> = {
  "circuit-breaker": 0,
  "limits.calls": 1,
  deadline: 2,
  "rate-limit": 3,
  "admission-control": 4,
  "limits.adaptive": 5,
  "rule-limits": 6,
  "limits.shares": 7,
};

export const BREAKER_CODES: Readonly<Record<BreakerDecision["state"], number>> = { closed: 0, open: 1, "half-open": 2 };
export const ABSENCE_CODES: Readonly<Record<Absence, number>> = {
  draining: 0,
  registry: 1,
  "active-check": 2,
  ejected: 3,
  trial: 4,
};

const EJECTION_CODES: Readonly<Record<EjectionReason, number>> = {
  connect: 1,
  reset: 2,
  timeout: 3,
  "server-error": 4,
  overloaded: 5,
  protocol: 6,
  truncated: 7,
  relative: 8,
  "success-rate": 9,
  "failure-percentage": 10,
  latency: 11,
  "by-hand": 12,
};
const EJECTIONS = wordsOf(EJECTION_CODES);

/** The number that stands for what ejected an endpoint. 0: nobody said. */
export function ejectionCode(reason: EjectionReason | undefined): number {
  return reason === undefined ? 0 : EJECTION_CODES[reason];
}

/** What such a number stands for. */
export function ejectionOf(code: number): EjectionReason | undefined {
  return EJECTIONS[code];
}

/** The words of codes, each at its code's place. */
export function wordsOf<Word extends string>(codes: Readonly<Record<Word, number>>): readonly Word[] {
  const words: Word[] = [];
  for (const word in codes) words[codes[word]] = word;
  return words;
}
