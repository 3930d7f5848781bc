import {
  type AttemptResult,
  type Endpoint,
  Eventual,
  failure,
  IGNORED,
  type Lease,
  MeshError,
  type Outcome,
  type ServedRequest,
  SUCCESS,
} from "@weft/core";
import { isLate, LATE, outcomeOfAnswer, resultOfAnswer, TIMED_OUT } from "@weft/runtime";
import type { Received, SimulatedEndpoint } from "../world/simulated-endpoint.ts";
import type { SimulatedCall } from "./simulated-call.ts";
import type { SimulatedClient } from "./simulated-client.ts";

/** One try against one endpoint. It extends nothing: the call of a base class is dear for what is made so often. */
export class SimulatedAttempt implements Received {
  over = false;
  worker: SimulatedEndpoint | undefined = undefined;
  status = 0;
  behind: Received | undefined = undefined;
  served: ServedRequest | undefined = undefined;
  /** Resolves when the answer is here or none will come. Never rejects: what it came to stands in the attempt. */
  readonly done: Eventual<SimulatedAttempt> = new Eventual();
  outcome: Outcome = IGNORED;
  /** What became of it, for retry; undefined when nothing asks for one. */
  result: AttemptResult | undefined = undefined;
  /** Why it is no success, in one word; undefined when it is one. */
  failed: string | undefined = undefined;
  readonly #client: SimulatedClient;
  readonly #call: SimulatedCall;
  readonly #lease: Lease;
  readonly #endpoint: SimulatedEndpoint;

  constructor(client: SimulatedClient, call: SimulatedCall, lease: Lease, endpoint: SimulatedEndpoint) {
    this.#client = client;
    this.#call = call;
    this.#lease = lease;
    this.#endpoint = endpoint;
  }

  get endpoint(): Endpoint {
    return this.#lease.endpoint;
  }

  /** Work on it is done, or it has been refused. */
  due(): void {
    if (this.worker !== undefined) this.worker.done(this);
    else if (!this.over) this.#refuse();
  }

  answer(status: number): void {
    if (this.served !== undefined) this.#lease.reported(this.#endpoint.report(this.served), this.#client.time.now);
    if (status === 200) this.outcome = SUCCESS;
    else if (status === 0) this.#fail(RESET, "CONNECTION_LOST");
    else {
      const outcome = outcomeOfAnswer(status, undefined, noDate);
      this.#fail(resultOfAnswer(status, outcome, false), `status ${status}`);
    }
    this.#end();
  }

  #refuse(): void {
    this.#fail(REFUSED, "CONNECT_FAILED");
    this.#end();
  }

  /** Given up from above: by a timeout, or for another attempt that was faster. */
  cut(reason: unknown): void {
    if (this.over) return;
    if (isLate(reason)) this.outcome = TIMED_OUT;
    if (reason instanceof MeshError) {
      if (reason.code === "ATTEMPT_TIMEOUT") this.result = LATE;
      this.failed = reason.code;
    } else this.failed = "ABORTED";
    this.#end();
  }

  #fail(result: AttemptResult, why: string): void {
    this.result = result;
    this.outcome = result.outcome;
    this.failed = why;
  }

  #end(): void {
    this.over = true;
    const { time, tally, observing } = this.#client;
    const { endpoint, startedMs } = this.#lease;
    if (this.outcome.kind === "failure") tally.attemptFailed(this.#endpoint.index);
    observing?.observed(endpoint.id, time.now - startedMs, time.now);
    this.#lease.release(this.outcome, time.now);
    this.done.resolve(this);
    if (!this.#call.over) time.unsettled = true; // retry goes on in promises
  }
}

export function cutAttempt(reason: unknown, attempt: SimulatedAttempt): void {
  attempt.cut(reason);
}

const REFUSED: AttemptResult = {
  outcome: failure("connect"),
  failure: "connect-failure",
  status: 0,
  sent: "no",
  retryAfterMs: 0,
  forbidden: false,
};

const RESET: AttemptResult = {
  outcome: failure("reset"),
  failure: "reset-before-response",
  status: 0,
  sent: "maybe",
  retryAfterMs: 0,
  forbidden: false,
};

/** No answer here has a Retry-After. */
const noDate = (): number => 0;
