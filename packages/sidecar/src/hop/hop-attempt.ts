import {
  type AttemptResult,
  authority,
  Eventual,
  failure,
  IGNORED,
  type Lease,
  MeshError,
  type Outcome,
  SUCCESS,
  type TracedAttempt,
} from "@weft/core";
import {
  type EndpointExchange,
  type ExchangeFailure,
  type Fields,
  NOWHERE,
  type ResponseHead,
  type ResponseReceiver,
  SEEN,
} from "@weft/http";
import { isLate, LATE, LATE_UNSENT, leftToCaller, outcomeOfAnswer, reportLoad, TIMED_OUT } from "@weft/runtime";
import { awaitsStatus, grpcStatusBehind, outcomeOfGrpcEnd, outcomeOfGrpcHead } from "../grpc/grpc-answer.ts";
import { callersAttempt } from "./attempt-field.ts";
import type { Hop } from "./hop.ts";
import { resultOfHead } from "./result-of-head.ts";
import { isSending } from "./sent-again.ts";

/** A body that a retry makes useless is read away up to that size, to keep the connection; beyond, it is closed. */
const DRAINED_BYTES = 64 * 1024;

/**
 * One try of a request at one endpoint: lease on the one side, the exchange with the endpoint on the other.
 *
 * Never rejects: what it came to stands in it.
 */
export class HopAttempt implements ResponseReceiver, TracedAttempt {
  readonly lease: Lease;
  /** The one that began after it. */
  next: HopAttempt | undefined = undefined;
  /** Resolves with the head, or with the failure. */
  readonly done: Eventual<HopAttempt> = new Eventual();
  /** The head's clock reading; 0: none came. */
  answeredMs = 0;
  /** When the lease was given back; 0: it is held. */
  endedMs = 0;
  outcome: Outcome = IGNORED;
  /** What gRPC's status will tell of it is still to come: `outcome` holds until then. */
  awaitsStatus = false;
  /** gRPC's status of its answer; -1: none came. */
  grpcStatus = -1;
  /** The code of HTTP/2 that the endpoint reset it with. */
  resetCode: number | undefined = undefined;
  error: MeshError | undefined = undefined;
  /** Undefined until it was begun, which may tell of its end before. */
  exchange: EndpointExchange | undefined = undefined;

  readonly #hop: Hop;
  #state: "waiting" | "answered" | "delivered" | "discarded" | "over" = "waiting";
  #failure: AttemptResult | undefined = undefined;
  /** All of the body is here: what ends the lease. */
  #ended = false;
  /**
   * Its answer is sent before the books on it are kept: all of it is here, and what is written down of it changes nothing
   * of what its caller is told.
   */
  #leavesFirst = false;
  #settled = false;

  constructor(hop: Hop, lease: Lease) {
    this.#hop = hop;
    this.lease = lease;
    lease.onCut(cutAttempt, this);
  }

  /** The answer's head; undefined when there is none. */
  get head(): ResponseHead | undefined {
    return this.exchange?.head;
  }

  /** 0: no head came. */
  get status(): number {
    return this.exchange?.head?.status ?? 0;
  }

  /** What became of it, for retry; undefined when nothing asks for one. */
  get result(): AttemptResult | undefined {
    const head = this.#state === "answered" ? this.head : undefined;
    const result = this.#failure ?? (head && resultOfHead(this.#hop, head, this.outcome));
    return result && leftToCaller(result, callersAttempt(this.#hop));
  }

  /** Its answer is the call's. When that has been sent `settle` is to follow, or else `ended` does. */
  deliver(): void {
    this.#state = this.#ended ? "over" : "delivered";
    if (!this.#leavesFirst) this.settle();
  }

  /** Keeps the books on the answer that was delivered, once. */
  settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    // All of it is here: the lease goes back before the call ends, so that the call's record is whole by then.
    if (!this.#ended && this.#isWhole()) {
      this.#ended = true;
      this.#state = "over";
      if (this.#leavesFirst) this.lease.answered(this.outcome, this.answeredMs);
      this.#release(this.#hop.grpc ? this.#endOfGrpc(this.exchange!) : SUCCESS, this.answeredMs); // it is whole
    }
    if (!this.awaitsStatus) this.#hop.call.answered(this.outcome, this.answeredMs);
  }

  /** The exchange was begun. The caller may have left meanwhile, by a body that was refused as it was sent on. */
  began(exchange: EndpointExchange): void {
    this.exchange = exchange;
    if (this.#state === "over") exchange.cut("the call is over");
  }

  /** Another attempt replaces it. */
  discard(): void {
    if (this.#state !== "answered") return;
    const { exchange } = this;
    if (exchange === undefined || this.#ended) return;
    this.#state = "discarded";
    const length = exchange.body?.length ?? 0;
    // Of a request that is still being sent the next attempt takes the body over.
    const unfit = length < 0 || length > DRAINED_BYTES || isSending(this.#hop);
    if (unfit) this.#giveUp(IGNORED, "a retry replaced this answer");
    else {
      exchange.body?.attach(NOWHERE);
      // What has not come in by the end of the call is not waited for: it may never come.
      this.#hop.call.on(dropUnread, this);
    }
  }

  dropUnread(): void {
    if (this.#state === "discarded") this.#giveUp(IGNORED, "a retry replaced this answer");
  }

  /** Given up from above: by the caller, a timeout, a hedge, or the mesh. */
  cut(reason: unknown): void {
    if (this.#state === "over" || this.#ended) return;
    const waiting = this.#state === "waiting";
    const unsent = this.exchange === undefined || this.exchange.phase === "queued";
    this.outcome = isLate(reason) && waiting ? TIMED_OUT : IGNORED;
    this.#giveUp(this.outcome, reason);
    if (!waiting) return;
    this.error = reason instanceof MeshError ? reason : undefined;
    // What cuts the call has told the hop; only an attempt's own timeout is for retry to judge.
    if (reason instanceof MeshError && reason.code === "ATTEMPT_TIMEOUT") this.#failure = unsent ? LATE_UNSENT : LATE;
    this.done.resolve(this);
  }

  // What the exchange with the endpoint tells.

  informed(head: ResponseHead): void {
    if (this.#state === "waiting") this.#hop.informed(head);
  }

  answered(exchange: EndpointExchange): void {
    const head = exchange.head!; // an exchange that is answered has one
    this.exchange = exchange;
    this.answeredMs = exchange.atMs;
    this.outcome = this.#hop.grpc ? this.#outcomeOfGrpc(head, exchange.text !== undefined) : this.#outcomeOf(head);
    this.#state = "answered";
    this.#readLoad(head);
    this.#leavesFirst = this.#mayLeaveFirst();
    if (!this.#leavesFirst) this.lease.answered(this.outcome, this.answeredMs);
    this.done.resolve(this);
    if (this.#leavesFirst) this.lease.answered(this.outcome, this.answeredMs); // unless the lease is back already
  }

  ended(exchange: EndpointExchange, failed: ExchangeFailure | undefined): void {
    this.exchange = exchange;
    if (exchange.tunnel !== undefined) return; // held until the tunnel ends
    this.#ended = true;
    if (failed === undefined) {
      if (exchange.trailers !== undefined) this.#readLoad(exchange.trailers);
      this.#release(this.#hop.grpc ? this.#endOfGrpc(exchange) : SUCCESS, exchange.atMs);
      if (this.#state === "delivered") this.#hop.call.answered(this.outcome, exchange.atMs);
      if (this.#state === "delivered" || this.#state === "discarded") this.#state = "over";
      return;
    }
    const before = this.#state;
    this.#hop.metClosed = failed.failure === "stale-connection";
    this.outcome = failed.outcome;
    this.awaitsStatus = false;
    this.resetCode = failed.h2Code;
    this.error = this.#errorOf(failed);
    this.#state = "over";
    this.#release(failed.outcome, this.#hop.nowMs());
    if (before === "waiting") {
      // That there is no room here is no endpoint's failure; asking again at once changes nothing of it.
      if (failed.code === "OVERLOADED") this.#hop.ports.noRoom();
      else this.#failure = failed;
      this.done.resolve(this);
    } else if (before === "delivered") this.#hop.bodyBroke(this.error);
    // Else it is nobody's: discarded, or held back for another attempt. Should it be taken after all, its error tells.
  }

  /** The endpoint has sent nothing more of the body for too long. */
  silent(): void {
    if (this.#state !== "delivered") return;
    const problem = "nothing more of the answer came in time (timeout.idle)";
    this.outcome = failure("timeout");
    this.awaitsStatus = false;
    this.error = this.#errorOf({ code: "CONNECTION_LOST", problem, sent: "yes", cause: undefined });
    this.#giveUp(this.outcome, this.error);
    this.#hop.bodyBroke(this.error);
  }

  /** The byte tunnel that the exchange became has ended. */
  tunnelEnded(): void {
    this.#ended = true;
    this.#state = "over";
    this.#release(SUCCESS, this.#hop.nowMs());
  }

  #readLoad(fields: Fields): void {
    const { reportsLoad } = this.#hop.ports;
    if (reportsLoad()) reportLoad(this.lease, (name) => fields.get(name), this.#hop.nowMs());
  }

  #outcomeOf(head: ResponseHead): Outcome {
    const retryAfter = (head.seen & SEEN.retryAfter) === 0 ? undefined : head.get("retry-after");
    return outcomeOfAnswer(head.status, retryAfter, this.#hop.ports.epochMs);
  }

  /** @param whole the answer ended with its head, or right behind it */
  #outcomeOfGrpc(head: ResponseHead, whole: boolean): Outcome {
    this.grpcStatus = head.grpcStatus;
    this.awaitsStatus = awaitsStatus(head, whole);
    return head.status === 200 ? outcomeOfGrpcHead(head, whole) : this.#outcomeOf(head);
  }

  /** The last byte is here, and the status with it, unless it stood in the head. */
  #endOfGrpc({ trailers }: EndpointExchange): Outcome {
    if (!this.awaitsStatus) return this.outcome;
    this.awaitsStatus = false;
    this.grpcStatus = grpcStatusBehind(trailers);
    this.outcome = outcomeOfGrpcEnd(this.grpcStatus, trailers);
    return this.outcome;
  }

  #errorOf({ code, problem, sent, cause }: Pick<ExchangeFailure, "code" | "problem" | "sent" | "cause">): MeshError {
    const { endpoint, attempt } = this.lease;
    return new MeshError(code, problem, {
      service: this.#hop.call.service,
      attempt,
      endpoint: authority(endpoint.host, endpoint.port),
      neverSent: sent === "no",
      cause,
    });
  }

  #giveUp(outcome: Outcome, reason: unknown): void {
    this.#state = "over";
    this.#ended = true;
    this.#release(outcome, this.#hop.nowMs());
    this.exchange?.cut(reason);
  }

  #mayLeaveFirst(): boolean {
    const hop = this.#hop;
    return this.#isWhole() && this.outcome === SUCCESS && !hop.grpc && hop.attempts === this && this.next === undefined;
  }

  /** All of the answer came with its head. */
  #isWhole(): boolean {
    const { exchange } = this;
    return exchange?.text !== undefined && exchange.tunnel === undefined;
  }

  #release(outcome: Outcome, nowMs: number): void {
    this.endedMs = nowMs;
    this.lease.release(outcome, nowMs);
  }
}

function dropUnread(_end: unknown, attempt: HopAttempt): void {
  attempt.dropUnread();
}

function cutAttempt(reason: unknown, attempt: HopAttempt): void {
  attempt.cut(reason);
}
