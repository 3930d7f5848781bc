import type { TimeoutQueues } from "@weft/core";
import type { FailureFacts } from "@weft/runtime";
import type { Handler } from "../dispatch/exchange.ts";

/** Who is told what comes of an exchange: undici's handler, and a failure with what it says of the endpoint. */
export interface PlainReceiver extends Handler {
  failed(facts: FailureFacts, cause: unknown): void;
}

export interface PlainPorts {
  readonly timeouts: TimeoutQueues;
  /** The most between two pieces of a body, in ms; Infinity: no bound. */
  readonly bodyMs: number;
  /** The most before the head of an answer, in ms; Infinity: no bound, or others hold it. */
  readonly headMs: number;
}
