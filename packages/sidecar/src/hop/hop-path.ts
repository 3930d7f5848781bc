import type { BreakerState, Call, Decision, Service, Time, TimeoutQueues, Tracing } from "@weft/core";
import type { ServicePools } from "@weft/http";
import type { StickySessions } from "@weft/runtime";
import type { Hop } from "./hop.ts";
import type { HopAttempt } from "./hop-attempt.ts";
import type { ViaFields } from "./outgoing-request.ts";

/** The way of a request under one policy, and what its hop needs to know of that. */
export interface HopPath {
  readonly service: Service<Hop, HopAttempt>;
  /** Whether an answer with this status may be replaced by a retry's. */
  readonly mayRetry: (status: number) => boolean;
  /** The same of a status of gRPC. */
  readonly mayRetryGrpc: (grpcStatus: number) => boolean;
  /** Attempts that a call has at most, the first counted; 1: it is not repeated. */
  readonly maxAttempts: number;
  /** So much of a request's body is remembered for a retry. */
  readonly replayBytes: number;
  /** How long an endpoint may be silent inside a body, in ms; Infinity: for ever. */
  readonly idleMs: number;
  /** Methods taken for idempotent; undefined: as RFC 9110 has it. */
  readonly idempotentMethods: readonly string[] | undefined;
}

/** What all hops of a service share. */
export interface HopPorts {
  readonly time: Time;
  /** Wall clock, for a Retry-After that is a date. */
  readonly epochMs: () => number;
  readonly pools: ServicePools;
  readonly via: ViaFields;
  readonly tracing: Tracing;
  /** Of the service: what it picks by. */
  readonly balancer: () => string;
  /** Whether endpoints are asked, by reading their answers, how loaded they are. */
  readonly reportsLoad: () => boolean;
  /** Who tells callers where their sessions are kept; undefined: nobody does. */
  readonly sessions: () => StickySessions | undefined;
  /** Its circuit breaker; undefined: it has none. */
  readonly breaker: () => BreakerState["kind"] | undefined;
  /** What is still kept of the decisions about a call. */
  readonly decisions: (call: Call) => readonly Decision[];
  /** Whether every caller is answered as gRPC has it. Those who call as gRPC are in any case. */
  readonly answersGrpc: () => boolean;
  /** Of tunnels and of bodies that are idle. */
  readonly timeouts: TimeoutQueues;
  /** A request found no connection within the limits. */
  readonly noRoom: () => void;
  /** An exchange is over: for counters and the access log. */
  readonly ended: (hop: Hop) => void;
}
