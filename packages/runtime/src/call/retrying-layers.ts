import { type AttemptResult, type OtherAttempt, readAttempt } from "@weft/core";

/*
 * Layers that repeat a call, one behind the other, would multiply: three tries each in an SDK, a sidecar and an edge are
 * 27 requests for one call. So at each hop one of the two repeats it:
 *
 *   the inner one, while it can   it answers with x-no-retry when its retries are used up, and the outer one stops
 *   the outer one, otherwise      its second attempt says x-attempt, and the inner one leaves the rest to it
 */

/**
 * Whether a connection to or from this host stays on the machine. Only there is `x-attempt` said, and believed: it comes
 * from a layer of the same deployment, and not from whoever calls from outside.
 *
 * @param host without brackets; "" for a socket in the file system
 */
export function isOnThisMachine(host: string): boolean {
  return host === "" || host === "::1" || host === "localhost" || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(host);
}

/**
 * What an attempt came to, for a call that its sender repeats by itself: then retry leaves it to that.
 *
 * @param other what the sender says, `x-attempt` as it came; undefined: it says nothing
 */
export function leftToCaller(result: AttemptResult, other: string | OtherAttempt | undefined): AttemptResult {
  if (other === undefined) return result;
  return { ...result, leftTo: typeof other === "string" ? readAttempt(other) : other };
}
