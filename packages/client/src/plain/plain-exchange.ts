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
  writeWhole,
} from "@weft/http/client";
import { asError } from "@weft/runtime";
import { NO_HEAD, STALLED } from "../dispatch/classify-failure.ts";
import type { Link } from "../dispatch/connection.ts";
import type { Controller } from "../dispatch/exchange.ts";
import { AnswerBody } from "./answer-body.ts";
import { answerHeaders, rawAnswerHeaders, textOf } from "./answer-headers.ts";
import { IdleLimit } from "./idle-limit.ts";
import type { PlainPorts, PlainReceiver } from "./plain-ports.ts";
import type { PlainRequest } from "./plain-request.ts";

const NOTHING = Buffer.alloc(0);

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
  readonly buffer: Buffer = SHARED;

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
  /** What has come is being read, and told piece by piece. */
  #reading = false;
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
    return this.#body?.rawTrailers ?? null;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    // Whoever reads goes on by itself.
    if (this.#state !== "receiving" || this.#reading) return;
    const kept = this.#kept ?? NOTHING;
    this.#kept = undefined;
    if (!this.#read(kept, kept.length)) return;
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

  // From an attempt. The rest of what it tells its connection this one sees for itself.

  drop(): void {
    if (this.#state !== "over") this.#stop();
  }

  // What the connection calls.

  get endsWithConnection(): boolean {
    return this.#state === "receiving" && this.#body?.endsWithConnection === true;
  }

  get keepAliveHintMs(): number {
    return this.#head?.keepAliveHintMs ?? -1;
  }

  begin(connection: ClientConnection): void {
    this.#connection = connection;
    this.#state = "waiting";
    const request = this.#request;
    try {
      this.#receiver.onRequestStart?.(this, null);
      if (this.#isOver()) return;
      writeWhole(connection, request.head, request.body);
      this.#waitOn(this.#ports.headMs);
      if (request.body !== undefined) this.#receiver.onBodySent?.(request.body);
      this.#receiver.onRequestSent?.();
    } catch (error) {
      this.abort(asError(error));
    }
  }

  received(bytes: Buffer, to: number): boolean {
    if (this.#state === "receiving" || this.#kept === undefined) return this.#read(bytes, to);
    const whole = Buffer.concat([this.#kept, bytes.subarray(0, to)]);
    const { maxHeadBytes } = this.#connection!.headLimits; // what is received comes by it
    // Where no line has ended, to look at all of it for each byte that comes would take ever longer.
    const ready = whole.includes("\n", this.#kept.length) || whole.length >= maxHeadBytes;
    this.#kept = ready ? undefined : whole;
    return !ready || this.#read(whole, whole.length);
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

  /** The limit of what is waited for is reached. */
  stalled(): void {
    if (this.#isOver()) return;
    const facts = this.#state === "waiting" ? NO_HEAD : STALLED;
    this.#stop();
    this.#receiver.failed(facts, undefined);
  }

  /** Reads what has come. What the receiver throws meanwhile ends the exchange. @returns false: read no more until told */
  #read(bytes: Buffer, to: number): boolean {
    this.#reading = true;
    try {
      return this.#state === "receiving" ? this.#content(bytes, 0, to) : this.#parse(bytes, to);
    } catch (error) {
      this.abort(asError(error));
      return false;
    } finally {
      this.#reading = false;
    }
  }

  #parse(bytes: Buffer, to: number): boolean {
    const { headLimits } = this.#connection!; // what is received comes by it
    let at = 0;
    do {
      if (!this.#begun) {
        this.#begun = true;
        this.#receiver.onResponseStarted?.();
        if (this.#isOver()) return false;
      }
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
    this.#receiver.onResponseStart?.(this, status, answerHeaders(text), textOf(head.reason));
    return !this.#isOver();
  }

  /** Takes what has come of the body. @returns false: read no more until told */
  #content(bytes: Buffer, from: number, to: number): boolean {
    const body = this.#body!; // there is one where the state is "receiving"
    if (this.paused) return this.#keep(bytes, from, to);
    if (!body.done) {
      const content = body.read(bytes, from, to);
      if (content !== undefined) this.#receiver.onResponseData?.(this, content);
      if (this.#isOver()) return false;
      if (body.problem !== undefined) return this.#refuse(body.problem);
    }
    if (this.paused) return this.#keep(bytes, to, to);
    if (body.done) this.#end(body);
    else this.#waitOn(this.#ports.bodyMs);
    return true;
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

  #refuse(detail: string): false {
    this.lose(unreadableAnswer(this.#state === "receiving", detail));
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
    try {
      this.#receiver.onResponseEnd?.(this, body.trailers);
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
