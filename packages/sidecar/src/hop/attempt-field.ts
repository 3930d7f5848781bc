import { ATTEMPT_FIELD, attemptText, type Lease } from "@weft/core";
import { type RequestHead, SEEN } from "@weft/http";
import { isOnThisMachine } from "@weft/runtime";
import { hostOf } from "./hashed-hop.ts";
import type { Hop } from "./hop.ts";

/** Whether `headOfAttempt` may have something to change. Two comparisons: asked of each attempt. */
export function concernsAttempt({ exchange: { head } }: Hop, { attempt }: Lease): boolean {
  return attempt > 1 || (head.seen & SEEN.attempt) !== 0;
}

/**
 * The head of an attempt with what it says of attempts: what a caller on this machine says is passed on, what others say
 * is taken out. From its second attempt on, a call goes to an endpoint on this machine with our own word for it: it may
 * be another layer that repeats calls.
 */
export function headOfAttempt(
  { exchange: { head, peer }, listener, path }: Hop,
  { attempt, endpoint }: Lease,
): RequestHead {
  const said = (head.seen & SEEN.attempt) !== 0;
  if (said && isOnThisMachine(hostOf(peer))) return head;
  const says = attempt > 1 && listener.side === "outbound" && isOnThisMachine(endpoint.host);
  if (!said && !says) return head;
  return head.with([ATTEMPT_FIELD, says ? attemptText(attempt, path.maxAttempts, "sidecar") : ""]);
}
