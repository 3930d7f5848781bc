import type { TracedCall } from "@weft/core";
import type { KeepReason } from "./sampling.ts";

/**
 * How attempts are shown: as spans of their own, as events of the call's span, or not at all. In the latter two the call's
 * span is what the endpoint sees as its parent.
 */
export type AttemptsShown = "spans" | "events" | "off";

/** A call whose spans are to be written, and what all of them need to know. */
export interface KeptCall {
  readonly traced: TracedCall;
  readonly place: Place;
  /** The span id that an attempt was sent with. */
  readonly spanIdOf: (attempt: number) => string;
  /** Undefined: the app's own OpenTelemetry decided. */
  readonly reason: KeepReason | undefined;
  readonly attempts: AttemptsShown;
  /** The method's name for those who count; undefined: it is no call of gRPC. */
  readonly rpcMethod: string | undefined;
  /** From the policy clock to ms since 1970. */
  readonly aheadMs: number;
}

/** Where a call's span stands in its trace. */
interface Place {
  readonly traceId: string;
  readonly spanId: string;
  /** "": the trace begins with it. */
  readonly parentSpanId: string;
  readonly parentRemote: boolean;
  /** Whether those who come after are asked to record. */
  readonly sampled: boolean;
}
