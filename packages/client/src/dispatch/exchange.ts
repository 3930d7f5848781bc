import { type Duplex, Readable } from "node:stream";
import type { Endpoint, OngoingCall, Outcome, Settled, Time } from "@weft/core";
import type { LoggedCall, Running, StickySessions } from "@weft/runtime";
import { TracedExchange, type TraceSource } from "../trace/traced-exchange.ts";
import type { TracePorts } from "../trace/trace-ports.ts";
import type { Dispatcher } from "../undici.ts";
import type { Attempt, AttemptPorts } from "./attempt.ts";
import { attemptHeaders } from "./attempt-headers.ts";
import { isAtOnce, repeatableBody } from "./repeatable-body.ts";
import type { ReplayBody } from "./replay-body.ts";
import { headerOf } from "./request-headers.ts";
import { tellSession } from "./tell-session.ts";

export type Handler = Dispatcher.DispatchHandler;
export type Controller = Dispatcher.DispatchController;
export type Headers = Parameters<NonNullable<Handler["onResponseStart"]>>[2];

/** Sends one attempt to an endpoint. */
export type Sender = (endpoint: Endpoint, options: Dispatcher.DispatchOptions, attempt: Handler) => void;

/** What an exchange needs of the service it is with. */
export interface ExchangePorts {
  readonly time: Time;
  /** Bytes of a streamed body kept for another attempt; 0: none, there are no retries. */
  readonly bufferBytes: number;
  /** Undefined: calls are not traced. */
  readonly trace: TracePorts | undefined;
  readonly running: { delete(running: Running): void };
  /** Who tells callers where their sessions are kept; undefined: nobody does. */
  readonly sessions: () => StickySessions | undefined;
  /** A call is over. @param endpoint id of the one whose answer it got @param traceId "" when it is in no trace */
  readonly ended: (of: LoggedCall, endpoint: string | undefined, traceId: string) => void;
}

/**
 * One call through undici's dispatch interface, from the caller's handler to the attempts made for it.
 *
 * It is the controller that the caller's handler gets, at once and before any connection exists: an abort ends the
 * call in the same tick, also while a connection is being made, which undici itself does not do (nodejs/undici#386).
 * What arrives is handed to the caller unchanged; an answer that a retry may replace is held until that is decided.
 */
export class Exchange implements Controller, Running, Settled<Attempt>, TraceSource, LoggedCall {
  readonly call: OngoingCall;
  readonly handler: Handler;
  /** As the caller gave them, but for a body that was made repeatable. */
  readonly options: Dispatcher.DispatchOptions;
  /** Whether endpoints are spoken to over TLS. */
  readonly secure: boolean;
  /** Sends attempts by other means than our own connections. */
  readonly sender: Sender | undefined;
  readonly attemptPorts: AttemptPorts;
  earlier: Running | undefined = undefined;
  later: Running | undefined = undefined;
  status = 0;
  /** The last attempt met a connection that its endpoint had closed: the next one goes by one of its own. */
  metClosed = false;
  /** What the call failed with; undefined: it did not. */
  error: unknown = undefined;
  endedMs = 0;

  /** Undefined: it is not traced. */
  readonly traced: TracedExchange | undefined;

  readonly #ports: ExchangePorts;
  readonly #body: ReplayBody | undefined;
  /** Those that began, when they are traced: each knows the next. */
  #first: Attempt | undefined = undefined;
  #last: Attempt | undefined = undefined;
  /** The attempt whose answer the caller gets. */
  #final: Attempt | undefined = undefined;
  /** The one whose interim answer the caller got last. */
  #informing: Attempt | undefined = undefined;
  #paused = false;
  #reason: Error | null = null;
  #ended = false;
  #endpoint: Endpoint | undefined = undefined;
  /** Raw headers in which the caller's session is told of; undefined: it is not. */
  #retold: NonNullable<Controller["rawHeaders"]> | null | undefined = undefined;

  constructor(
    call: OngoingCall,
    options: Dispatcher.DispatchOptions,
    handler: Handler,
    path: { readonly exchange: ExchangePorts; readonly attempt: AttemptPorts },
    secure: boolean,
    sender: Sender | undefined,
  ) {
    this.call = call;
    this.secure = secure;
    this.sender = sender;
    this.handler = handler;
    this.#ports = path.exchange;
    this.attemptPorts = path.attempt;
    const { bufferBytes } = path.exchange;
    this.#body = bufferBytes > 0 ? repeatableBody(options.body, bufferBytes) : undefined;
    // The body's type does not know iterables, which undici takes.
    this.options = this.#body === undefined ? options : { ...options, body: this.#body as never };
    const { trace } = path.exchange;
    this.traced = trace && new TracedExchange(this, trace);
  }

  /** Whether the request can be sent once more, body and all. */
  get repeatable(): boolean {
    return this.#body === undefined ? isAtOnce(this.options.body) : this.#body.repeatable;
  }

  /** Whether it can be sent a second time beside the first: a body that comes bit by bit has one reader. */
  get hedgeable(): boolean {
    return this.#body === undefined && isAtOnce(this.options.body);
  }

  /**
   * Whether it is what the caller's own body failed with, whatever code it bears: that of an upload which is passed on,
   * and whose client goes away, is ECONNRESET.
   */
  isOfBody(error: unknown): boolean {
    const { body } = this.options;
    return this.#body?.failedWith(error) ?? (body instanceof Readable && body.errored === error);
  }

  get ended(): boolean {
    return this.#ended;
  }

  get grpcStatus(): number {
    return -1;
  }

  get method(): string {
    return this.options.method;
  }

  get path(): string {
    return this.options.path;
  }

  header(name: string): string | undefined {
    return headerOf(this.options.headers, name);
  }

  /** An attempt begins. @returns the headers to send with it */
  begins(attempt: Attempt): Dispatcher.DispatchOptions["headers"] {
    if (this.traced !== undefined) {
      if (this.#last === undefined) this.#first = attempt;
      else this.#last.next = attempt;
      this.#last = attempt;
    }
    return attemptHeaders(this, attempt.lease);
  }

  /** Tells the caller that its request is under way: it may abort from now on. */
  begin(): void {
    try {
      this.handler.onRequestStart?.(this, {});
    } catch (error) {
      this.fail(error, "caller");
    }
  }

  // The caller's controller.

  get aborted(): boolean {
    return this.#reason !== null;
  }

  get reason(): Error | null {
    return this.#reason;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get rawHeaders(): NonNullable<Controller["rawHeaders"]> | null {
    return this.#retold ?? (this.#final ?? this.#informing)?.controller?.rawHeaders ?? null;
  }

  get rawTrailers(): NonNullable<Controller["rawTrailers"]> | null {
    return this.#final?.controller?.rawTrailers ?? null;
  }

  abort(reason: Error): void {
    if (this.#ended || this.#reason !== null) return;
    this.#reason = reason ?? new DOMException("This operation was aborted", "AbortError");
    this.call.cut(this.#reason);
    // Usually the attempt it cut has ended the exchange. In a pause between attempts, nothing else would yet.
    this.#end(this.#reason, "caller");
  }

  pause(): void {
    this.#paused = true;
    this.#final?.controller?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#final?.controller?.resume();
  }

  // From the attempts.

  /** An interim answer. */
  inform(attempt: Attempt, status: number, headers: Headers, message: string | undefined): void {
    this.#informing = attempt;
    this.handler.onResponseStart?.(this, status, headers, message);
  }

  /** The answer is this one: the caller gets its head. @returns false when another attempt's was first */
  commit(attempt: Attempt, outcome: Outcome, nowMs: number): boolean {
    if (this.#final !== undefined || this.#ended) return false;
    this.#final = attempt;
    this.status = attempt.status;
    this.#endpoint = attempt.lease.endpoint;
    this.#retell(attempt);
    this.call.answered(outcome, nowMs);
    this.handler.onResponseStart?.(this, attempt.status, attempt.headers, attempt.message);
    if (this.#paused) attempt.controller?.pause();
    return true;
  }

  upgrade(attempt: Attempt, socket: Duplex, outcome: Outcome, nowMs: number): void {
    this.#final = attempt;
    this.status = attempt.status;
    this.#endpoint = attempt.lease.endpoint;
    this.#retell(attempt);
    this.call.answered(outcome, nowMs);
    this.handler.onRequestUpgrade?.(this, attempt.status, attempt.headers, socket);
  }

  complete(trailers: Headers, nowMs: number): void {
    if (this.#ended) return;
    this.#close(undefined, nowMs);
    this.call.finish({ kind: "complete", atMs: nowMs });
    try {
      this.handler.onResponseEnd?.(this, trailers);
    } catch (error) {
      // As undici does: a handler that refuses the end hears of an error. Its own retry handler counts on that.
      this.handler.onResponseError?.(this, error as Error); // see `#end`
    }
  }

  /** The upgraded connection is over. */
  closed(nowMs: number): void {
    if (this.#ended) return;
    this.#close(undefined, nowMs);
    this.call.finish({ kind: "complete", atMs: nowMs });
  }

  /** The call failed for good. */
  fail(error: unknown, by: "caller" | "endpoint" | "mesh"): void {
    this.#end(error, by);
  }

  // From the stack.

  /** The layers have had their say: this attempt's answer or failure is the call's. */
  kept(attempt: Attempt): void {
    if (this.#ended) return;
    const error = attempt.deliver();
    if (error !== undefined) this.#end(error, "endpoint", attempt.outcome);
  }

  /** A layer refused it. */
  broken(error: unknown): void {
    this.#end(error, "mesh");
  }

  #retell(attempt: Attempt): void {
    const { call } = this;
    if (call.session !== undefined) this.#retold = tellSession(attempt, call, this.#ports.sessions());
  }

  #end(error: unknown, by: "caller" | "endpoint" | "mesh", outcome?: Outcome): void {
    if (this.#ended) return;
    const nowMs = this.#ports.time.nowMs();
    this.#close(error, nowMs);
    if (outcome !== undefined) this.call.answered(outcome, nowMs);
    this.call.finish({ kind: "cut", atMs: nowMs, by });
    // undici's types say Error; a caller's own reason may be anything, and goes back as it came.
    this.handler.onResponseError?.(this, error as Error);
  }

  #close(error: unknown, nowMs: number): void {
    this.#ended = true;
    this.#body?.close();
    this.#ports.running.delete(this);
    this.error = error;
    this.endedMs = nowMs;
    this.traced?.ended({ endedMs: nowMs, status: this.status, error, attempts: this.#first });
    this.#ports.ended(this, this.#endpoint?.id, this.traced?.traceId ?? "");
  }
}
