import type { Outcome } from "../../outcome.ts";
import type { OtherAttempt } from "./other-attempt.ts";

/**
 * What the transport saw of one attempt, as facts about the wire. From these, and never from an error code alone,
 * follows whether it may be repeated.
 */
export interface AttemptResult {
  readonly outcome: Outcome;
  /** How it failed, in the words of `retry.on`; undefined when it was answered and nothing asks for a retry. */
  readonly failure: RetryCondition | undefined;
  /** HTTP status, 0 when there was no head. */
  readonly status: number;
  /**
   * How much of the request an endpoint can have acted on. `no`: connect and TLS errors, REFUSED_STREAM, an id above
   * GOAWAY's last. A reset on a reused connection is `maybe`: the request may have run.
   */
  readonly sent: "no" | "maybe" | "yes";
  /** The endpoint asked for a pause (Retry-After), in ms; 0: it did not. */
  readonly retryAfterMs: number;
  /** The endpoint forbade retries: `x-no-retry`, `x-envoy-overloaded`, gRPC pushback below 0 or unreadable. */
  readonly forbidden: boolean;
  /**
   * The endpoint said when to come again (`grpc-retry-pushback-ms`), in ms, >= 0: exactly so long is waited, and no
   * back-off drawn. Absent: it did not say.
   */
  readonly pushbackMs?: number;
  /** Who sent the call repeats it, too, and is left to do so. Absent: nobody does. */
  readonly leftTo?: OtherAttempt;
}

/** Names of retry conditions are phases of an attempt, not error codes. Source: Envoy `retry_on`; reference clients 5.2. */
export type RetryCondition =
  | "never-sent"
  | "connect-failure"
  | "refused-stream"
  | "stale-connection" // a reused connection ended before the first byte of a response
  | "reset-before-response"
  | "gateway-error" // 502, 503, 504
  | "timeout" // the attempt's, not the call's
  | "retriable-4xx" // 409, as Envoy has it
  | "server-error" // any other 5xx: listed by its status number
  | GrpcCondition;

/**
 * Statuses of gRPC that may be repeated, in an answer that has nothing else: once a message has come, the call counts as
 * answered. Source: Envoy `retry_on`, Linkerd `retry.linkerd.io/grpc`: both have these five.
 */
export type GrpcCondition = "cancelled" | "deadline-exceeded" | "resource-exhausted" | "internal" | "unavailable";

const STATUS_CONDITIONS: ReadonlyMap<number, RetryCondition> = new Map<number, RetryCondition>([
  [409, "retriable-4xx"],
  [502, "gateway-error"],
  [503, "gateway-error"],
  [504, "gateway-error"],
]);

/** The condition that a status meets by itself; undefined when only its number, listed in `retry.on`, would. */
export function conditionOfStatus(status: number): RetryCondition | undefined {
  return STATUS_CONDITIONS.get(status);
}

const GRPC_CONDITIONS: ReadonlyMap<number, GrpcCondition> = new Map<number, GrpcCondition>([
  [1, "cancelled"],
  [4, "deadline-exceeded"],
  [8, "resource-exhausted"],
  [13, "internal"],
  [14, "unavailable"],
]);

/** The condition that a gRPC status meets; undefined when it is never repeated. @param code `grpc-status`, 0 to 16 */
export function conditionOfGrpcStatus(code: number): GrpcCondition | undefined {
  return GRPC_CONDITIONS.get(code);
}

const GRPC_NAMES: ReadonlySet<string> = new Set(GRPC_CONDITIONS.values());

/** Whether it is a status of gRPC. */
export function isGrpcCondition(condition: string): condition is GrpcCondition {
  return GRPC_NAMES.has(condition);
}
