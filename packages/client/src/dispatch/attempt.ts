import type { Duplex } from "node:stream";
import {
  ATTEMPT_FIELD,
  type AttemptResult,
  Eventual,
  IGNORED,
  type Lease,
  MeshError,
  type Outcome,
  SUCCESS,
  type Time,
  type TracedAttempt,
} from "@weft/core";
import {
  asError,
  type FailureFacts,
  isLate,
  LATE,
  LATE_UNSENT,
  leftToCaller,
  outcomeOfAnswer,
  reportLoad,
  resultOfAnswer,
  TIMED_OUT,
} from "@weft/runtime";
import { attemptError } from "./attempt-error.ts";
import { classifyFailure, type Phase, THEIRS } from "./classify-failure.ts";
import type { Link } from "./connection.ts";
import type { Controller, Exchange, Handler, Headers } from "./exchange.ts";
import { ReplacedAnswer } from "./replaced-answer.ts";
import type { PlainReceiver } from "../plain/plain-ports.ts";

export interface AttemptPorts {
  readonly time: Time;
  /** Wall clock, for a Retry-After that is a date. */
  readonly epochMs: () => number;
  /** Whether an answer with this status is held until retry has decided. */
  readonly mayRetry: (status: number) => boolean;
  /** Attempts that a call has at most, the first counted; 1: it is not repeated. */
  readonly maxAttempts: number;
  /** Whether the service's balancer goes by what its endpoints say of their load. */
  readonly reportsLoad: () => boolean;
}

/** Of an attempt that has none yet. */
const NO_HEADERS: Headers = Object.freeze({});

/**
 * One try against one endpoint: undici's handler on the one side, lease and exchange on the other.
 *
 *   waiting --(head that no retry would replace)--> committed --> ended
 *      |-----(head that one may)--> held --(deliver)--> committed
 *      |                             +---(discard)--> discarded --> ended
 *      +-----(failure)--> failed
 *
 * A head that is not held goes to the caller in the tick it arrives: no promise lies between.
 */
export class Attempt implements PlainReceiver, TracedAttempt {
  readonly lease: Lease;
  /** The one that began after it, where they are traced. */
  next: Attempt | undefined = undefined;
  /** Resolves when the head is here or the attempt failed. Never rejects: what it came to stands in the attempt. */
  readonly done: Eventual<Attempt> = new Eventual();
  controller: Controller | undefined = undefined;
  /** undici calls these three only where they are, and few callers have them. */
  readonly onResponseStarted: NonNullable<Handler["onResponseStarted"]> | undefined;
  readonly onBodySent: NonNullable<Handler["onBodySent"]> | undefined;
  readonly onRequestSent: NonNullable<Handler["onRequestSent"]> | undefined;
  status = 0;
  /** Clock readings of the head and of the end; 0: not yet. */
  answeredMs = 0;
  endedMs = 0;
  headers: Headers = NO_HEADERS;
  message: string | undefined = undefined;
  outcome: Outcome = IGNORED;
  /** What it goes by; undefined when it has no connection. */
  link: Link | undefined = undefined;

  readonly #exchange: Exchange;
  readonly #ports: AttemptPorts;
  #state: "waiting" | "held" | "committed" | "discarded" | "upgraded" | "ended" = "waiting";
  #reused = false;
  #failure: FailureFacts | undefined = undefined;
  #error: unknown = undefined;
  #replaced: ReplacedAnswer | undefined = undefined;
  /** The connection as something other than HTTP/1.1: the caller's, and cut when the call is. */
  #upgraded: Duplex | undefined = undefined;
  #cut = false;

  constructor(exchange: Exchange, lease: Lease) {
    this.#exchange = exchange;
    this.lease = lease;
    this.#ports = exchange.attemptPorts;
    const { handler } = exchange;
    this.onResponseStarted = handler.onResponseStarted && (() => handler.onResponseStarted?.());
    this.onBodySent = handler.onBodySent && ((chunk) => handler.onBodySent?.(chunk));
    this.onRequestSent = handler.onRequestSent && (() => handler.onRequestSent?.());
    lease.onCut(cutAlone, this);
    exchange.call.onCut(cutWithCall, this);
  }

  get grpcStatus(): number {
    return -1;
  }

  get error(): unknown {
    return this.#error;
  }

  /** What became of it, for retry; undefined when nothing asks for one. */
  get result(): AttemptResult | undefined {
    const result = this.#failure ?? this.#resultOfHead();
    return result && leftToCaller(result, this.#exchange.header(ATTEMPT_FIELD));
  }

  /** It is the call's answer: hands a held head on. Returns the error when it has none. */
  deliver(): unknown {
    if (this.#state === "held") {
      this.#state = "committed";
      try {
        this.#exchange.commit(this, this.outcome, this.#ports.time.nowMs());
        if (!this.#exchange.paused) this.controller?.resume();
      } catch (error) {
        this.controller?.abort(asError(error));
      }
    }
    return this.#error;
  }

  /** Another attempt replaces it: its answer is read away or cut. */
  discard(): void {
    if (this.#state !== "held") return;
    this.#state = "discarded";
    this.#replaced = new ReplacedAnswer(this.controller!); // what is held came by it
    // What has not come in by the end of the call is not waited for: it may never come.
    this.#exchange.call.on(dropUnread, this);
    this.#replaced.begin(Number(this.headers["content-length"] ?? 0));
  }

  dropUnread(): void {
    if (this.#state === "discarded") this.#replaced?.cut();
  }

  /**
   * Given up from above.
   *
   * @param alone by its timeout, or because another attempt of the call was faster; else the call is, by its caller, its
   *   deadline or the mesh
   */
  cut(reason: unknown, alone: boolean): void {
    if (this.#cut || this.#state === "ended") return;
    this.#cut = true;
    if (this.#upgraded !== undefined) {
      this.#upgraded.destroy(); // the exchange ends with it, as when either side closes
      return;
    }
    const before = this.#state;
    const byMesh = reason instanceof MeshError;
    this.outcome = isLate(reason) && before === "waiting" ? TIMED_OUT : IGNORED;
    if (alone && isLate(reason)) this.#failure = this.controller === undefined ? LATE_UNSENT : LATE;
    this.#error = reason;
    this.#finish(this.#ports.time.nowMs(), this.outcome);
    this.controller?.abort(asError(reason));
    if (this.controller === undefined) this.link?.drop();
    this.done.resolve(this);
    if (!alone) this.#exchange.fail(reason, byMesh ? "mesh" : "caller");
  }

  /** Failed before anything was sent: no connection could be had. */
  refuse(error: MeshError): void {
    this.#error = error;
    this.#finish(this.#ports.time.nowMs(), IGNORED);
    this.done.resolve(this);
  }

  // undici's handler.

  onRequestStart(controller: Controller): void {
    this.controller = controller;
    if (this.#cut) controller.abort(asError(this.#error));
    else this.#reused = this.link?.reused === true;
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, message?: string): void {
    if (this.#state !== "waiting") return;
    if (status < 200) {
      this.#exchange.inform(this, status, headers, message);
      return;
    }
    const nowMs = this.#ports.time.nowMs();
    this.status = status;
    this.answeredMs = nowMs;
    this.headers = headers;
    this.message = message;
    const retryAfter = headers["retry-after"];
    const asked = typeof retryAfter === "string" ? retryAfter : undefined;
    this.outcome = status < 429 ? SUCCESS : outcomeOfAnswer(status, asked, this.#ports.epochMs);
    this.link?.answered?.();
    if (this.#ports.reportsLoad()) reportLoad(this.lease, (name) => headers[name]?.toString(), nowMs);
    this.lease.answered(this.outcome, nowMs);
    if (status >= 400 && this.#ports.mayRetry(status)) {
      this.#state = "held";
      controller.pause();
    } else {
      this.#state = "committed";
      if (!this.#exchange.commit(this, this.outcome, nowMs))
        this.cut(new Error("another attempt answered first"), true);
    }
    this.done.resolve(this);
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#state === "committed") this.#exchange.handler.onResponseData?.(this.#exchange, chunk);
    else if (this.#state === "discarded") this.#replaced?.received(chunk.length);
  }

  onResponseEnd(_controller: Controller, trailers: Headers): void {
    const committed = this.#state === "committed";
    const nowMs = this.#ports.time.nowMs();
    this.#finish(nowMs, SUCCESS);
    this.link?.ended?.();
    if (!committed) return;
    this.#exchange.complete(trailers, nowMs);
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    this.failed(this.#exchange.isOfBody(error) ? THEIRS : classifyFailure(error, this.#phase(error)), error);
  }

  /** It came to nothing, of which more is known than an error of undici says. */
  failed(facts: FailureFacts, error: unknown): void {
    const state = this.#state;
    this.link?.drop();
    if (state === "ended") return;
    if (state === "discarded") {
      this.#finish(this.#ports.time.nowMs(), IGNORED);
      return;
    }
    this.outcome = facts.outcome;
    this.#exchange.metClosed = facts.failure === "stale-connection";
    this.#error = attemptError(facts, error, this.#exchange.call.service, this.lease);
    this.#finish(this.#ports.time.nowMs(), facts.outcome);
    if (state === "committed") {
      this.#exchange.fail(this.#error, "endpoint");
      return;
    }
    this.#failure = facts;
    this.done.resolve(this);
  }

  onRequestUpgrade(_controller: Controller, status: number, headers: Headers, socket: Duplex): void {
    const nowMs = this.#ports.time.nowMs();
    this.status = status;
    this.answeredMs = nowMs;
    this.headers = headers;
    this.outcome = SUCCESS;
    this.lease.answered(SUCCESS, nowMs);
    this.#state = "upgraded";
    this.#upgraded = socket;
    this.link?.handOver?.();
    socket.once("close", () => {
      const endMs = this.#ports.time.nowMs();
      this.#finish(endMs, SUCCESS);
      this.#exchange.closed(endMs);
    });
    this.#exchange.upgrade(this, socket, SUCCESS, nowMs);
    this.done.resolve(this);
  }

  #resultOfHead(): AttemptResult | undefined {
    if (this.#state !== "held") return undefined;
    const forbidden = "x-no-retry" in this.headers || "x-envoy-overloaded" in this.headers;
    return resultOfAnswer(this.status, this.outcome, forbidden);
  }

  #finish(nowMs: number, outcome: Outcome): void {
    this.#state = "ended";
    this.endedMs = nowMs;
    this.lease.release(outcome, nowMs);
  }

  #phase(error: Error): Phase {
    if (this.controller === undefined) return this.link?.phaseUnbegun?.(error) ?? "preparing";
    if (this.#state !== "waiting") return "receiving";
    return this.#reused ? "waiting on a reused connection" : "waiting";
  }
}

function dropUnread(_end: unknown, attempt: Attempt): void {
  attempt.dropUnread();
}

function cutAlone(reason: unknown, attempt: Attempt): void {
  attempt.cut(reason, true);
}

function cutWithCall(reason: unknown, attempt: Attempt): void {
  attempt.cut(reason, false);
}
