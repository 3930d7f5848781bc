import { type AttemptResult, failure, MeshError, type MeshErrorCode, type Outcome } from "@weft/core";

/** Why an attempt failed, for retry and for the caller. */
export interface FailureFacts extends AttemptResult {
  /** Under which code the caller gets it; undefined: as it is, for it is about the request and not about the mesh. */
  readonly code: MeshErrorCode | undefined;
  /** In plain words. */
  readonly problem: string;
}

/** The endpoint let an attempt wait for longer than it may. */
export const TIMED_OUT: Outcome = failure("timeout");

/** An attempt given up by its timeout, with its request on the way. */
export const LATE: FailureFacts = {
  outcome: TIMED_OUT,
  failure: "timeout",
  status: 0,
  sent: "maybe",
  retryAfterMs: 0,
  forbidden: false,
  code: "ATTEMPT_TIMEOUT",
  problem: "",
};

/** The same, while there was no connection: nothing was sent. */
export const LATE_UNSENT: FailureFacts = { ...LATE, sent: "no" };

/** Whether a call or attempt was given up because time ran out, rather than by somebody's wish. */
export function isLate(reason: unknown): boolean {
  return reason instanceof MeshError && (reason.code === "ATTEMPT_TIMEOUT" || reason.code === "DEADLINE_EXCEEDED");
}

/** What a stream or a request can be destroyed with: a caller's reason may be anything. */
export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
