import {
  brokenRequest,
  type ExchangeFailure,
  type ExchangePhase,
  lostConnection,
  unreadableAnswer,
} from "../client/exchange-failure.ts";
import { AwaitedBody, type BodyAwaiter, SHORT_BYTES } from "../exchange/awaited-body.ts";
import type { EndpointBody, EndpointExchange, ResponseReceiver } from "../exchange/endpoint-exchange.ts";
import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import { type Fields, NO_FIELDS } from "../head/fields.ts";
import type { ResponseHead } from "../head/response-head.ts";
import { bytesOf, isWhole } from "../wire/whole-body.ts";
import { COST } from "./abuse-budget.ts";
import { forHttp2 } from "./extended-connect.ts";
import { H2_ERROR } from "./frame.ts";
import type { Http2ClientConnection } from "./http2-client-connection.ts";
import { Http2Stream } from "./http2-stream.ts";
import { headTooLarge, neverRan, oursToBlame, resetStream } from "./stream-failure.ts";

/**
 * One request to one endpoint over HTTP/2, and its answer.
 *
 *   queued --> waiting --> receiving --> over
 */
export class ClientStream extends Http2Stream implements EndpointExchange, BodyAwaiter {
  readonly request: OutgoingRequest;
  head: ResponseHead | undefined = undefined;
  text: string | undefined = undefined;
  body: EndpointBody | undefined = undefined;
  readonly tunnel = undefined;
  readonly early = undefined;
  atMs = 0;
  /** What the head waits for, and is to be told when that is late; undefined: it has been told, or did not come yet. */
  awaited: AwaitedBody | undefined = undefined;
  /** Told when the stream is given up before it has a connection. The pool's. */
  onAbandon: ((stream: ClientStream) => void) | undefined = undefined;

  readonly #receiver: ResponseReceiver;
  readonly #again: boolean;
  #state: "queued" | "waiting" | "receiving" | "over" = "queued";
  /** It was the first after the connection had lain idle. */
  #afterIdle = false;
  #sentMs = 0;
  #informed = false;
  /** It was sent before the endpoint had said how many streams it takes. */
  #untold = false;
  /** What took its place: the endpoint speaks HTTP/1.1, or had no room. */
  #instead: EndpointExchange | undefined = undefined;

  /** @param again it takes the place of one that was sent too soon: there is no third */
  constructor(request: OutgoingRequest, receiver: ResponseReceiver, again = false) {
    super();
    this.request = request;
    this.#receiver = receiver;
    this.#again = again;
  }

  get phase(): ExchangePhase {
    if (this.#instead !== undefined) return this.#instead.phase;
    if (this.#state === "queued") return "queued";
    if (this.#state !== "waiting") return "receiving";
    const stale = this.#afterIdle && !this.#informed && this.connection.heardMs <= this.#sentMs;
    return stale ? "waiting on a reused connection" : "waiting";
  }

  /** Whether the endpoint has agreed to CONNECT: what comes from then on is bytes (RFC 8441 4). */
  get isTunnel(): boolean {
    return this.request.upgrades && this.head?.status === 200 && forHttp2(this.request).head.protocol !== "";
  }

  /** Sends the request. */
  begin(connection: Http2ClientConnection, id: number, nowMs: number, afterIdle: boolean): void {
    this.bind(connection, id);
    this.onAbandon = undefined;
    this.#state = "waiting";
    this.#afterIdle = afterIdle;
    this.#sentMs = nowMs;
    this.#untold = !connection.peerSettings.known;
    const request = forHttp2(this.request);
    const { body } = request;
    if (request.head.protocol !== "" && connection.peerSettings.known && !connection.peerSettings.connectProtocol) {
      connection.withdraw(this);
      return this.lose(oursToBlame("PROTOCOL_ERROR", "the endpoint takes no CONNECT with a protocol (RFC 8441)", "no"));
    }
    const { maxHeadBytes } = connection.peerSettings;
    const bytes = maxHeadBytes === Number.POSITIVE_INFINITY ? 0 : connection.writer.requestBytes(request);
    if (bytes > maxHeadBytes) {
      connection.withdraw(this);
      return this.lose(headTooLarge(bytes, maxHeadBytes));
    }
    const length = connection.writer.request(request);
    if (length < 0) {
      // Nothing of it has been sent: to the endpoint the stream is one that was skipped.
      connection.withdraw(this);
      return this.lose(oursToBlame("PROTOCOL_ERROR", "the head of the request is too long to be sent", "no"));
    }
    this.sendBlock(length, body === undefined);
    if (body === undefined) return;
    if (isWhole(body)) {
      this.write(bytesOf(body));
      this.end(NO_FIELDS);
    } else {
      this.source = body;
      body.attach(this);
    }
  }

  /** Whether a refusal means no more than that we did not know better, and it can be sent again as it was. */
  get sentTooSoon(): boolean {
    const { body } = this.request;
    return this.#untold && !this.#again && this.#state === "waiting" && (body === undefined || isWhole(body));
  }

  /** Another exchange takes the place of this one, of which no endpoint has seen anything. */
  replace<Exchange extends EndpointExchange>(
    make: (request: OutgoingRequest, receiver: ResponseReceiver) => Exchange,
  ): Exchange {
    const exchange = make(this.request, this.#receiver);
    if (this.bound) this.dropPending();
    this.#instead = exchange;
    return exchange;
  }

  cut(reason: unknown): void {
    if (this.#instead !== undefined) return this.#instead.cut(reason);
    if (this.#state === "over") return;
    const { phase } = this;
    this.#state = "over";
    if (phase === "queued") return this.onAbandon?.(this);
    this.awaited?.settle();
    // An answer that does not come may be a connection that is dead.
    if (phase !== "receiving" && this.connection.heardMs <= this.#sentMs) this.connection.ping();
    this.#stop(reason, H2_ERROR.cancel);
    this.broke(reason);
  }

  fail(reason: unknown): void {
    this.connection.resetStream(this, H2_ERROR.cancel);
    this.lose(brokenRequest(reason));
  }

  cancel(reason: unknown): void {
    this.unwanted(reason); // first: whoever took the body hears no more of it
    this.cut(reason);
  }

  // What the connection and the pool call.

  /** A head came. @param text the body, when all of it is here: "" when the stream ended; undefined: it is to come */
  answer(head: ResponseHead, text: string | undefined): void {
    if (this.#state !== "waiting") return this.malformed("a second head of an answer (RFC 9113 8.1)");
    if (head.status < 200) return this.#inform(head, text);
    this.head = head;
    this.atMs = this.connection.heardMs; // what has just come was read then
    const { contentLength } = head;
    if (text === undefined) {
      this.length = contentLength >= 0 && this.mayHaveContent() ? contentLength : -1;
      this.#state = "receiving";
      if (this.length < 0 || this.length > SHORT_BYTES) return this.#tell();
      this.head = undefined;
      this.awaited = new AwaitedBody(head, this);
      return;
    }
    if (contentLength >= 0 && contentLength !== text.length && (text !== "" || this.mayHaveContent())) {
      this.head = undefined;
      return this.malformed("Content-Length is not that of the content (RFC 9113 8.1.1)");
    }
    this.#tellWhole(text);
  }

  bodyIsLate(head: ResponseHead): void {
    this.awaited = undefined;
    this.head = head;
    this.#tell();
  }

  override receiveEnd(trailers: Fields): void {
    const { awaited } = this;
    this.awaited = undefined;
    awaited?.settle();
    if (awaited !== undefined && this.bytesReceived === this.length) {
      this.head = awaited.head;
      this.atMs = this.connection.heardMs;
      if (trailers.empty) return this.#tellWhole(this.takeText());
      this.#tell();
    }
    super.receiveEnd(trailers);
  }

  /** The endpoint reset it. */
  resetByPeer(code: number): void {
    this.lose(resetStream(this.phase, code));
  }

  /** The endpoint will never look at it: its GOAWAY says so. */
  refusedByGoaway(): void {
    this.lose(neverRan("GOAWAY"));
  }

  lost(detail: string): void {
    this.lose(lostConnection(this.phase, detail, undefined));
  }

  /** It comes to nothing: tells the receiver, and the sink of the body. */
  lose(failure: ExchangeFailure): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.awaited?.settle();
    this.remoteClosed = true;
    this.dropPending();
    this.source?.cancel(failure);
    this.#receiver.ended(this, failure);
    this.broke(failure);
  }

  malformed(detail: string, code: number = H2_ERROR.protocolError): void {
    const begun = this.#state === "receiving";
    this.connection.resetStream(this, code);
    this.lose(unreadableAnswer(begun, detail));
  }

  override get begun(): boolean {
    return (this.head ?? this.awaited) !== undefined;
  }

  protected override mayHaveContent(): boolean {
    const status = this.head?.status ?? 0;
    return this.request.head.method !== "HEAD" && status !== 304 && status !== 204;
  }

  protected tooMuchHeld(): void {
    this.connection.counts.memoryResets++;
    this.connection.resetStream(this, H2_ERROR.cancel);
    this.lose(oursToBlame("OVERLOADED", "too much is held for endpoints that do not read", "yes"));
  }

  protected sent(): void {
    this.connection.settle(this);
  }

  protected completed(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.atMs = this.connection.heardMs;
    // An answer before the end of the request: nobody is there any more to read the rest.
    const early = !this.localClosed;
    if (early) this.#stop(undefined, H2_ERROR.noError);
    this.#receiver.ended(this, undefined);
  }

  #inform(head: ResponseHead, text: string | undefined): void {
    if (text !== undefined) return this.malformed("an interim answer that ends the stream (RFC 9113 8.1)");
    if (this.connection.charge(COST.other, "interim answers")) return;
    this.#informed = true;
    this.#receiver.informed(head);
  }

  /** The body comes bit by bit. */
  #tell(): void {
    this.body = this;
    this.#receiver.answered(this);
  }

  #tellWhole(text: string): void {
    this.text = text;
    this.remoteClosed = true;
    this.#receiver.answered(this);
    this.completed();
    this.connection.settle(this);
  }

  #stop(reason: unknown, code: number): void {
    this.connection.resetStream(this, code);
    this.dropPending();
    this.remoteClosed = true;
    this.source?.cancel(reason);
  }
}
