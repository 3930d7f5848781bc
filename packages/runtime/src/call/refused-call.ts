import type { CallFlag } from "@weft/core";
import type { EndedCall, Side } from "./call-ring.ts";

/** Why a request went to no service. */
export interface Refusal {
  /** In the letters of the access log. */
  readonly flag: CallFlag | "SI" | "DPE";
  /** In plain words. */
  readonly why: string;
}

/** A request that was answered, or cut, before any service was asked. */
export interface RefusedCall extends Pick<
  EndedCall,
  "call" | "startedMs" | "durationMs" | "status" | "grpcStatus" | "failed" | "traceId"
> {
  readonly side: Side;
  /** Whom it asked for, in its own words; "": it did not say. */
  readonly asked: string;
  /** `UNKNOWN_SERVICE`, or the rule that it broke. */
  readonly error: string;
  readonly refusal: Refusal;
}

/** In the place of a service where none was asked for. No service has this name. */
const NO_SERVICE = "(none)";

/** Characters of what a caller sent that are kept. */
const KEPT_CHARACTERS = 256;

/** It, as the call log tells of it. */
export function refusedCall(seq: number, refused: RefusedCall): EndedCall {
  const { asked, traceId, refusal, ...rest } = refused;
  return {
    ...rest,
    seq,
    service: asked === "" ? NO_SERVICE : kept(asked),
    endpoint: undefined,
    attempts: 0,
    traceId: traceId === undefined ? undefined : kept(traceId),
    refusal: { flag: refusal.flag, why: kept(refusal.why) },
  };
}

/** A copy of its own: what it was cut from would stay alive with it. */
function kept(text: string): string {
  return Buffer.from(text.slice(0, KEPT_CHARACTERS), "utf8").toString("utf8");
}
