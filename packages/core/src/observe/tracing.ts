import type { Lease } from "../cluster/lease.ts";
import type { Decision } from "../decision/decision.ts";
import type { Outcome } from "../outcome.ts";
import type { BreakerState } from "../policy/circuit-breaker/circuit-breaker.ts";
import type { Call } from "../service.ts";

/**
 * Traces calls. A home asks it at three moments: when a call begins, when an attempt is sent, and when the call has
 * ended. `@weft/telemetry` implements it; nothing in core does.
 *
 * No method throws, waits, or keeps what it was given beyond the end of the call.
 */
export interface Tracing {
  /** A call begins, before anything was decided about it. */
  begin(call: Call, request: TracedRequest): CallTrace;
  /**
   * Sends an attempt so that the instrumentations of an app leave it alone: its span is made here, and a second
   * `traceparent` would make the first one unreadable. Absent: nothing needs it.
   */
  within?(send: () => void): void;
}

/** The request of a call, as far as a trace wants to know it. Read when the call begins, and when its spans are written. */
export interface TracedRequest {
  /**
   * Where it stands: `app` in the process that calls, `outbound` in a sidecar on the caller's side, `inbound` in one on
   * the side of the service that is called.
   */
  readonly side: "app" | "outbound" | "inbound";
  /** Who is called, by its name in the mesh. */
  readonly service: string;
  /** `tcp`: a tunnel for whatever bytes, asked for by a connection or by CONNECT. */
  readonly protocol: "http" | "grpc" | "tcp";
  /** Of a tunnel `CONNECT`, or "". */
  readonly method: string;
  /** With its query; for gRPC `/package.Service/Method`, of a tunnel "". */
  readonly path: string;
  readonly secure: boolean;
  /** What it came in, `1.0`, `1.1` or `2`; "" when it did not come over a wire. */
  readonly version: string;
  /** `host:port` of who sent it; "" when it did not come over a wire. */
  readonly peer: string;
  /**
   * A header that came with it, several lines of the name joined by `, `; undefined when there is none.
   *
   * @param name in lower case
   */
  header(name: string): string | undefined;
}

/** One call's place in a trace. */
export interface CallTrace {
  /** 32 hexadecimal digits, lower case: for log lines, `explain`, and whoever looks for it. */
  readonly traceId: string;
  /** Whether whoever comes after is asked to record. */
  readonly sampled: boolean;
  /** What is sent with an attempt, in the place of what came under the same names. @param attempt 1 for the first */
  fields(attempt: number): TraceFields;
  /** The call is over, body and all, or will never be. Once. */
  ended(call: TracedCall): void;
}

/** Headers that carry the trace on. */
export interface TraceFields {
  /** "": none is sent, and one that came is left as it is. */
  readonly traceparent: string;
  /** More of them, name (lower case) and value by turns; an empty value takes the field away. Usually NO_TRACE_FIELDS. */
  readonly others: readonly string[];
}

/** Nothing but `traceparent`. */
export const NO_TRACE_FIELDS: readonly string[] = Object.freeze([]);

/** A call that has ended. Times are on the policy clock. */
export interface TracedCall {
  readonly call: Call;
  readonly request: TracedRequest;
  readonly endedMs: number;
  /** What the caller got; 0: no head. */
  readonly status: number;
  /** What a call of gRPC came to; -1: it is none, or had no status. */
  readonly grpcStatus: number;
  /** What the call failed with; undefined: it was answered, body and all. */
  readonly error: unknown;
  /** The first of its attempts; undefined: there was none. */
  readonly attempts: TracedAttempt | undefined;
  /** The balancer that picked: `peak-ewma`. */
  readonly balancer: string;
  /** The service's circuit breaker when the call ended; undefined: it has none. */
  readonly breaker: BreakerState["kind"] | undefined;
  /**
   * Letters of what went wrong, as Envoy's access log has them: `["UF", "URX"]`. Made when asked.
   *
   * @param decisions those that `decisions` gives: whoever asks has them already
   */
  flags(decisions: readonly Decision[]): readonly string[];
  /** Its decision records that are still kept, oldest first. Made when asked: some microseconds. */
  decisions(): readonly Decision[];
}

/** An attempt of a call, one of a list in the order that they began. */
export interface TracedAttempt {
  /** Endpoint, number of the attempt, and when it began. */
  readonly lease: Lease;
  readonly outcome: Outcome;
  /** 0: no head came. */
  readonly status: number;
  /** -1: none. */
  readonly grpcStatus: number;
  /** When the head came; 0: none did. */
  readonly answeredMs: number;
  /** When its exchange ended; 0: it had not when the call ended. */
  readonly endedMs: number;
  /** What it failed with, when the transport or the mesh failed it. */
  readonly error: unknown;
  /** The next one, or none. */
  readonly next: TracedAttempt | undefined;
}
