import { ATTEMPT_FIELD, attemptText, type Lease, type OtherAttempt, readAttempt } from "@weft/core";
import { type CallerExchange, type RequestHead, SEEN } from "@weft/http";
import { isOnThisMachine } from "@weft/runtime";
import { PREVIOUS_ATTEMPTS } from "../grpc/grpc-retry.ts";
import { hostOf } from "./hashed-hop.ts";
import type { HopPath } from "./hop-path.ts";
import type { ListenerHandle } from "./listener-handle.ts";

/** What of a hop says how often its call is tried, and by whom. */
interface TriedHop {
  readonly exchange: Pick<CallerExchange, "head" | "peer">;
  readonly listener: Pick<ListenerHandle, "side">;
  readonly path: Pick<HopPath, "maxAttempts">;
}

/**
 * What the caller of a hop says of repeating it by itself; undefined: nothing that is believed. `x-attempt` is believed
 * of callers on this machine only. gRPC's own field is its library's, and believed of everybody. Source: reference 2.12.
 */
export function callersAttempt({ exchange: { head, peer } }: Pick<TriedHop, "exchange">): OtherAttempt | undefined {
  if ((head.seen & SEEN.attempt) !== 0 && isOnThisMachine(hostOf(peer))) {
    return readAttempt(head.get(ATTEMPT_FIELD) ?? "");
  }
  return head.grpc && head.has(PREVIOUS_ATTEMPTS) ? { number: 0, most: 0, by: "grpc" } : undefined;
}

/** Whether `headOfAttempt` may have something to change. Two comparisons: asked of each attempt. */
export function concernsAttempt({ exchange: { head } }: Pick<TriedHop, "exchange">, { attempt }: Lease): boolean {
  return attempt > 1 || (head.seen & SEEN.attempt) !== 0;
}

/**
 * The head of an attempt with what it says of attempts: what a caller on this machine says is passed on, what others say
 * is taken out. From its second attempt on, a call goes to an endpoint on this machine with our own word for it: it may
 * be another layer that repeats calls.
 */
export function headOfAttempt(
  { exchange: { head, peer }, listener, path }: TriedHop,
  { attempt, endpoint }: Pick<Lease, "attempt" | "endpoint">,
): RequestHead {
  const said = (head.seen & SEEN.attempt) !== 0;
  if (said && isOnThisMachine(hostOf(peer))) return head;
  const says = attempt > 1 && listener.side === "outbound" && isOnThisMachine(endpoint.host);
  if (!said && !says) return head;
  return head.with([ATTEMPT_FIELD, says ? attemptText(attempt, path.maxAttempts, "sidecar") : ""]);
}
