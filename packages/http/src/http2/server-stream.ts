import { type CallerExchange, type CallerTunnel, type ExchangeHooks, NO_HOOKS } from "../exchange/caller-exchange.ts";
import { type Fields, NO_FIELDS } from "../head/fields.ts";
import type { RequestHead } from "../head/request-head.ts";
import type { BodySink, BodySource } from "../wire/body.ts";
import { COST } from "./abuse-budget.ts";
import { H2_ERROR } from "./frame.ts";
import type { Http2ServerConnection } from "./http2-server-connection.ts";
import { Http2Stream } from "./http2-stream.ts";
import { StreamSocket } from "./stream-socket.ts";

/**
 * One request of a caller over HTTP/2, and what is answered to it.
 *
 *   open --respond, stream--> answering --(its last byte)--> over
 *     +--(the caller resets it, or `cut`)--> over
 *
 * As a tunnel it is over when both halves have ended.
 */
export class ServerStream extends Http2Stream implements CallerExchange {
  readonly head: RequestHead;
  whole: Buffer | undefined;
  body: BodySource | undefined;
  hooks: ExchangeHooks = NO_HOOKS;
  status = 0;
  /** For the sweep: since when the body is measured, and what had come of it then. */
  measuredMs = 0;
  measuredBytes = 0;

  readonly #connection: Http2ServerConnection;
  #state: "open" | "answering" | "over" = "open";
  #continued = false;
  #tunnel: StreamSocket | undefined = undefined;
  /** What the answer says that its body has; -1: it does not say. */
  #answerLength = -1;

  /** @param whole the body, when all of it is here; the stream's end came then, as well */
  constructor(
    connection: Http2ServerConnection,
    id: number,
    head: RequestHead,
    whole: Buffer | undefined,
    ended: boolean,
  ) {
    super();
    this.bind(connection, id);
    this.#connection = connection;
    this.head = head;
    this.length = head.contentLength;
    this.whole = whole;
    this.remoteClosed = ended;
    this.body = ended ? undefined : this;
  }

  get open(): boolean {
    return this.#state === "open";
  }

  get over(): boolean {
    return this.#state === "over";
  }

  /** When it was read: of many streams in one read the clock is read once. */
  get cameMs(): number {
    return this.#connection.heardMs;
  }

  get peer(): string {
    return this.#connection.peer;
  }

  get bytesIn(): number {
    return this.whole?.length ?? this.bytesReceived;
  }

  closeAfter(): void {} // the connection is other requests' as well

  inform(status: number, _reason: string, fields: Fields): void {
    if (this.#state !== "open" || this.connection.output.clogged) return;
    const length = this.connection.writer.response(status, fields, -1);
    if (length >= 0) this.sendBlock(length, false);
  }

  continue(): void {
    if (!this.head.expectContinue || this.#continued) return;
    this.#continued = true;
    this.inform(100, "", NO_FIELDS);
  }

  respond(status: number, _reason: string, fields: Fields, text: string, length: number): void {
    if (!this.#begin(status, fields, length, text === "")) return;
    if (text === "") this.sent();
    else if (this.sendText(text)) this.sent();
    else {
      super.write(Buffer.from(text, "latin1"));
      super.end(NO_FIELDS);
    }
  }

  stream(status: number, _reason: string, fields: Fields, source: BodySource): void {
    if (!this.#begin(status, fields, source.length, false)) return source.cancel("the caller is gone");
    this.#answerLength = source.length;
    this.source = source;
    source.attach(this);
  }

  upgrade(status: number, reason: string, fields: Fields): CallerTunnel {
    const socket = new StreamSocket(this);
    this.#tunnel = socket;
    this.stream(status, reason, fields, socket.outgoing);
    if (!socket.destroyed) socket.begin();
    return { socket, early: undefined };
  }

  cut(reason?: "cancel"): void {
    this.#stop(reason === "cancel" ? H2_ERROR.cancel : H2_ERROR.internalError);
  }

  override end(trailers: Fields): void {
    if (this.#state !== "answering") return;
    // A source that gave less, or more, than it had said: what was sent is no answer.
    const given = this.bytesOut + this.pendingBytes;
    if (this.#answerLength >= 0 && given !== this.#answerLength) return this.cut();
    super.end(trailers);
  }

  fail(_reason: unknown): void {
    this.cut();
  }

  override attach(sink: BodySink): void {
    if (this.bytesReceived === 0 && !this.remoteClosed) this.continue();
    super.attach(sink);
  }

  /** Its tunnel was cut. */
  tunnelBroke(): void {
    this.#stop(H2_ERROR.connectError);
  }

  /** Nobody wants the request's body. It is not credited any more; with the answer the caller is told to stop. */
  cancel(reason: unknown): void {
    this.unwanted(reason);
  }

  // What the connection calls.

  /** All that was read with its head has been taken: what has come of the body by now may be all of it. */
  headTaken(): void {
    if (this.body === undefined || !this.remoteClosed || this.trailers !== undefined) return;
    this.whole = this.takeWhole();
    if (this.whole !== undefined || this.bytesReceived === 0) this.body = undefined;
  }

  /** The caller is gone, or wants no answer any more. */
  left(why: string): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.dropPending();
    this.remoteClosed = true;
    this.source?.cancel(why);
    // The handler first: it knows best what becomes of those who still take the body.
    this.hooks.left(this, why);
    this.broke(new Error(why));
  }

  /** The listener ends: the handler may answer, and what it does not is reset. */
  closing(why: string): void {
    this.hooks.closing?.(why);
    if (this.#state === "over") return;
    this.#connection.resetStream(this, H2_ERROR.cancel);
    this.left(why);
  }

  malformed(detail: string, code: number = H2_ERROR.protocolError): void {
    this.#connection.resetStream(this, code);
    this.#connection.refused(400, "malformed-stream", detail);
    this.left(detail);
    // To make us reset it is as good as to reset it: the request that it carried may have been passed on already.
    this.#connection.charge(COST.malformed, "frames that break a stream");
  }

  /** It is too slow. An answer tells the caller so when none was begun. */
  timeOut(status: number, code: string, detail: string): void {
    this.#connection.refused(status, code, detail);
    const begun = this.status > 0;
    const { hooks } = this;
    this.hooks = NO_HOOKS;
    if (begun) this.#stop(H2_ERROR.cancel);
    hooks.left(this, detail);
    if (!begun) this.#connection.answerRefused(this, status, code, detail);
    this.broke(new Error(detail));
  }

  protected tooMuchHeld(): void {
    this.connection.counts.memoryResets++;
    this.#connection.resetStream(this, H2_ERROR.enhanceYourCalm);
    this.left("the caller does not read, and too much is held for callers that do not");
  }

  protected sent(): void {
    if (this.#state === "over") return;
    this.#tunnel?.outgoingSent();
    if (this.#tunnel !== undefined && !this.remoteClosed) return; // its other half goes on
    this.#state = "over";
    this.hooks.answered(this);
    if (this.remoteClosed) return this.connection.settle(this);
    // An answer before the end of the request: the rest is not wanted (RFC 9113 8.1).
    this.connection.resetStream(this, H2_ERROR.noError);
    this.remoteClosed = true;
    this.broke(new Error("the request was answered before its body had been read"));
  }

  protected completed(): void {
    if (this.#tunnel === undefined || !this.localClosed || this.#state === "over") return;
    this.#state = "over";
    this.hooks.answered(this);
  }

  /** Sends the head. @returns false when there is nobody to send it to */
  #begin(status: number, fields: Fields, bodyLength: number, last: boolean): boolean {
    if (this.#state !== "open") return false;
    const length = this.connection.writer.response(status, fields, bodyLength);
    if (length < 0) {
      this.cut();
      return false;
    }
    this.status = status;
    this.#state = "answering";
    this.sendBlock(length, last);
    return true;
  }

  /** Breaks it off; nobody is told, but the source of the answer. */
  #stop(code: number): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.dropPending();
    this.remoteClosed = true;
    this.unwanted(undefined);
    this.connection.resetStream(this, code);
    this.source?.cancel(undefined);
  }
}
