import type { TimeoutQueues } from "@weft/core";
import {
  type CarriedExchange,
  type ClientConnection,
  type ExchangeFailure,
  type ExchangePhase,
  latin1,
  lostConnection,
  parseResponseHead,
  type ResponseHead,
  responseFraming,
  SHARED,
  unreadableAnswer,
  writeTogether,
} from "@weft/http/client";
import { asError, type FailureFacts } from "@weft/runtime";
import { NO_HEAD, STALLED } from "../dispatch/classify-failure.ts";
import type { Link } from "../dispatch/connection.ts";
import type { Controller, Handler } from "../dispatch/exchange.ts";
import { AnswerBody } from "./answer-body.ts";
import { type AnswerHeaders, answerHeaders, rawAnswerHeaders, textOf } from "./answer-headers.ts";
import { IdleLimit } from "./idle-limit.ts";
import type { PlainRequest } from "./plain-request.ts";

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

/** Up to that size a request is one string. Node copies a string below 16 KiB to the stack. */
const WHOLE_BYTES = 8 * 1024;
const NOTHING = Buffer.alloc(0);
const LF = 0x0a;
const NO_TRAILERS: AnswerHeaders = Object.freeze({});

/**
 * One plain request to one endpoint, and its answer, on a connection of ours.
 *
 *   queued --> waiting --> receiving --> over
 *
 * To the receiver it is what undici is: the same calls in the same order, each with this as the controller. Of what
 * comes, nothing is told while it is paused, not even the end.
 */
export class PlainExchange implements CarriedExchange, Controller, Link {
  atMs = 0;
  onAbandon: ((exchange: CarriedExchange) => void) | undefined = undefined;
  aborted = false;
  reason: Error | null = null;
  paused = false;

  readonly #request: PlainRequest;
  readonly #receiver: PlainReceiver;
  readonly #ports: PlainPorts;
  #connection: ClientConnection | undefined = undefined;
  #state: "queued" | "waiting" | "receiving" | "over" = "queued";
  /** What has come of a head that is not complete, or behind it while paused. */
  #kept: Buffer | undefined = undefined;
  #head: ResponseHead | undefined = undefined;
  /** The head as it was sent. */
  #text = "";
  #body: AnswerBody | undefined = undefined;
  #idle: IdleLimit | undefined = undefined;
  /** A head is coming in. */
  #begun = false;
  /** An interim answer came: the endpoint has the request. */
  #informed = false;
  /** The receiver is being told something. */
  #telling = false;
  /** The connection ended while nothing could be told. */
  #loss: ExchangeFailure | "its end" | undefined = undefined;

  constructor(request: PlainRequest, receiver: PlainReceiver, ports: PlainPorts) {
    this.#request = request;
    this.#receiver = receiver;
    this.#ports = ports;
  }

  get phase(): ExchangePhase {
    if (this.#state === "queued") return "queued";
    if (this.#state !== "waiting" || this.#kept !== undefined) return "receiving";
    const reused = this.#connection !== undefined && this.#connection.served > 0;
    return reused && !this.#informed ? "waiting on a reused connection" : "waiting";
  }

  // The receiver's controller.

  get rawHeaders(): Buffer[] | null {
    return this.#text === "" ? null : rawAnswerHeaders(this.#text);
  }

  get rawTrailers(): Buffer[] | null {
    return this.#body === undefined ? null : rawAnswerHeaders(`\r\n${this.#body.trailers.lines}`);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    // Within a call of the receiver's: whoever made that call goes on by itself.
    if (this.#state !== "receiving" || this.#telling) return;
    const kept = this.#kept ?? NOTHING;
    this.#kept = undefined;
    if (!this.#content(kept, 0, kept.length)) return;
    if (this.#loss === undefined) this.#connection?.resumeReading();
    else this.#gone(this.#loss);
  }

  abort(reason: Error): void {
    if (this.#state === "over") return;
    this.aborted = true;
    this.reason = reason;
    this.#stop();
    this.#receiver.onResponseError?.(this, reason);
  }

  // What an attempt tells its connection. This one sees for itself.

  get reused(): boolean {
    return false;
  }

  isConnectError(): boolean {
    return false;
  }

  answered(): void {}

  ended(): void {}

  handOver(): void {}

  drop(): void {
    if (this.#state !== "over") this.#stop();
  }

  // What the connection calls.

  get buffer(): Buffer {
    return SHARED;
  }

  get endsWithConnection(): boolean {
    return this.#state === "receiving" && this.#body?.endsWithConnection === true;
  }

  get keepAliveHintMs(): number {
    return this.#head?.keepAliveHintMs ?? -1;
  }

  begin(connection: ClientConnection): void {
    this.#connection = connection;
    this.#state = "waiting";
    const { head, body } = this.#request;
    const { socket } = connection;
    try {
      this.#receiver.onRequestStart?.(this, null);
      if (this.#isOver()) return;
      const whole = body === undefined || head.length + body.length <= WHOLE_BYTES;
      writeTogether(
        socket,
        whole && body !== undefined ? head + latin1(body, 0, body.length) : head,
        connection.rested,
      );
      if (!whole) socket.write(body);
      this.#waitOn(this.#ports.headMs);
      if (body !== undefined) this.#receiver.onBodySent?.(body);
      this.#receiver.onRequestSent?.();
    } catch (error) {
      this.abort(asError(error));
    }
  }

  received(bytes: Buffer, to: number): boolean {
    if (this.#state === "receiving") return this.#content(bytes, 0, to);
    if (this.#kept === undefined) return this.#parse(bytes, to);
    const part = bytes.subarray(0, to);
    const whole = Buffer.concat([this.#kept, part]);
    this.#kept = undefined;
    if (part.includes(LF) || whole.length >= this.#connection!.headLimits.maxHeadBytes)
      return this.#parse(whole, whole.length);
    // No line has ended: to look at all of it for each byte that comes would take ever longer.
    this.#kept = whole;
    return true;
  }

  lost(ended: boolean, how: string, cause: unknown, held: boolean): void {
    if (this.#isOver()) return;
    const loss = ended && this.endsWithConnection ? "its end" : lostConnection(this.phase, how, cause, held);
    // A close follows an end, and says less.
    if (this.paused && this.#state === "receiving") this.#loss ??= loss;
    else this.#gone(loss);
  }

  lose(failure: ExchangeFailure): void {
    if (this.#isOver()) return;
    this.#stop();
    this.#receiver.failed(failure, failure.cause);
  }

  // From the limit of what is waited for.

  stalled(): void {
    if (this.#isOver()) return;
    const facts = this.#state === "waiting" ? NO_HEAD : STALLED;
    this.#stop();
    this.#receiver.failed(facts, undefined);
  }

  #parse(bytes: Buffer, to: number): boolean {
    const { headLimits } = this.#connection!; // what is received comes by it
    let at = 0;
    do {
      if (!this.#begun && !this.#start()) return false;
      const head = parseResponseHead(bytes, at, to, headLimits);
      if (head === undefined) {
        // Most likely the rest comes with the next read; copied, because the memory is every connection's.
        this.#kept = Buffer.from(bytes.subarray(at, to));
        return true;
      }
      if (head.kind === "refusal") return this.#refuse(head.detail);
      if (head.status === 101) return this.#refuse("101 to a request that had no Upgrade field (RFC 9110 15.2.2)");
      const text = latin1(bytes, at, head.end);
      at = head.end;
      if (head.status >= 200) this.#state = "receiving";
      if (!this.#hand(head, text)) return false;
      if (head.status >= 200) return this.#content(bytes, at, to);
    } while (at < to);
    return true;
  }

  /** The first bytes of a head are here. @returns false: the exchange is over */
  #start(): boolean {
    this.#begun = true;
    try {
      this.#receiver.onResponseStarted?.();
    } catch (error) {
      this.abort(asError(error));
    }
    return !this.#isOver();
  }

  /** @returns false: the exchange is over */
  #hand(head: ResponseHead, text: string): boolean {
    const { status } = head;
    this.#begun = false;
    this.#text = text;
    this.#informed = true;
    if (status >= 200) {
      this.#head = head;
      this.#idle?.settle();
      this.#body = new AnswerBody(responseFraming(this.#request.method, head), head.contentLength);
    }
    this.#telling = true;
    try {
      this.#receiver.onResponseStart?.(this, status, answerHeaders(text), textOf(head.reason));
    } catch (error) {
      this.abort(asError(error));
    } finally {
      this.#telling = false;
    }
    return !this.#isOver();
  }

  /** Takes what has come of the body. @returns false: read no more until told */
  #content(bytes: Buffer, from: number, to: number): boolean {
    const body = this.#body!; // there is one where the state is "receiving"
    if (this.paused) return this.#keep(bytes, from, to);
    if (!body.done) {
      const content = body.read(bytes, from, to);
      if (content !== undefined) this.#tell(content);
      if (this.#isOver()) return false;
      if (body.problem !== undefined) {
        this.lose(unreadableAnswer(true, body.problem));
        return false;
      }
    }
    if (this.paused) return this.#keep(bytes, to, to);
    if (body.done) this.#end(body);
    else this.#waitOn(this.#ports.bodyMs);
    return true;
  }

  #tell(content: Buffer): void {
    this.#telling = true;
    try {
      this.#receiver.onResponseData?.(this, content);
    } catch (error) {
      this.abort(asError(error));
    } finally {
      this.#telling = false;
    }
  }

  #keep(bytes: Buffer, from: number, to: number): false {
    this.#idle?.settle();
    if (to > from) this.#kept = Buffer.concat([this.#kept ?? NOTHING, bytes.subarray(from, to)]);
    return false;
  }

  #waitOn(ms: number): void {
    if (ms === Number.POSITIVE_INFINITY) return;
    this.#idle ??= new IdleLimit(this);
    this.#idle.restart(this.#ports.timeouts.of(ms), this.#connection!.clock.nowMs()); // it has begun on a connection
  }

  #refuse(detail: string): boolean {
    this.lose(unreadableAnswer(false, detail));
    return false;
  }

  #gone(loss: ExchangeFailure | "its end"): void {
    if (loss !== "its end") this.lose(loss);
    else this.#end(this.#body!); // which is what ends with the connection
  }

  /** The last byte of the answer is here. */
  #end(body: AnswerBody): void {
    const connection = this.#connection!; // what is received comes by it
    const clean = !body.exceeded && !body.endsWithConnection && this.#head?.keepAlive === true;
    // An answer before all of the request has left: the endpoint may be about to close.
    const sent = this.#request.body === undefined || connection.socket.writableLength === 0;
    this.#over();
    this.atMs = connection.clock.nowMs();
    connection.release(this, clean && sent);
    const trailers = body.trailers.empty ? NO_TRAILERS : answerHeaders(`\r\n${body.trailers.lines}`);
    try {
      this.#receiver.onResponseEnd?.(this, trailers);
    } catch (error) {
      this.#receiver.onResponseError?.(this, asError(error));
    }
  }

  #stop(): void {
    const queued = this.#state === "queued";
    this.#over();
    if (queued) this.onAbandon?.(this);
    else this.#connection?.release(this, false);
  }

  #over(): void {
    this.#state = "over";
    this.#kept = undefined;
    this.#idle?.settle();
  }

  /** Asked behind calls of the receiver, which may have ended it. */
  #isOver(): boolean {
    return this.#state === "over";
  }
}
