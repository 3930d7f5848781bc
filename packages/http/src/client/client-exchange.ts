import { Buffer } from "node:buffer";
import { AWAITED_MS, AwaitedBody, type BodyAwaiter, SHORT_BYTES } from "../exchange/awaited-body.ts";
import type { EndpointExchange, ResponseReceiver } from "../exchange/endpoint-exchange.ts";
import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import type { Fields } from "../head/fields.ts";
import { type Framing, responseFraming } from "../head/framing.ts";
import { parseResponseHead } from "../head/head-parser.ts";
import type { Refusal } from "../head/refusal.ts";
import type { ResponseHead } from "../head/response-head.ts";
import { copyOf } from "../wire/copy-of.ts";
import { SHARED } from "../wire/read-buffers.ts";
import { bytesOf, isWhole } from "../wire/whole-body.ts";
import type { CarriedExchange } from "./carried-exchange.ts";
import type { ClientConnection } from "./client-connection.ts";
import { type ExchangeFailure, type ExchangePhase, lostConnection, unreadableAnswer } from "./exchange-failure.ts";
import { requestText } from "./request-text.ts";
import { RequestSender } from "./request-sender.ts";
import { type BodyOwner, ResponseBody } from "./response-body.ts";
import { ShortBody } from "./short-body.ts";
import { webSocketAnswer } from "./web-socket-answer.ts";
import { webSocketKey } from "./web-socket-key.ts";
import { writeWhole } from "./write-whole.ts";

// Reused by every exchange: taken out of it before anything else is read.
const short = new ShortBody();

/**
 * One request to one endpoint over HTTP/1.1, and its answer.
 *
 *   queued --> waiting --> receiving --> over     `receiving` only when the body is not short, or comes late
 */
export class ClientExchange implements EndpointExchange, CarriedExchange, BodyOwner, BodyAwaiter {
  readonly request: OutgoingRequest;
  head: ResponseHead | undefined = undefined;
  text: string | undefined = undefined;
  body: ResponseBody | undefined = undefined;
  tunnel: ClientConnection | undefined = undefined;
  early: Buffer | undefined = undefined;
  atMs = 0;
  /** Told when the exchange is given up before it has a connection. The pool's. */
  onAbandon: ((exchange: CarriedExchange) => void) | undefined = undefined;

  readonly #receiver: ResponseReceiver;
  #connection: ClientConnection | undefined = undefined;
  #state: "queued" | "waiting" | "receiving" | "over" = "queued";
  /** What has come of a head that is not complete, or behind it of a body that it waits for. */
  #partial: Buffer | undefined = undefined;
  #awaited: AwaitedBody | undefined = undefined;
  #sender: RequestSender | undefined = undefined;
  /** What a request that an extended CONNECT was made to has asked with; "" for any other. */
  #key = "";
  /** An interim answer came: the endpoint has the request. */
  #informed = false;

  constructor(request: OutgoingRequest, receiver: ResponseReceiver) {
    this.request = request;
    this.#receiver = receiver;
  }

  get trailers(): Fields | undefined {
    const { body } = this;
    return body === undefined || body.trailers.empty ? undefined : body.trailers;
  }

  get keepAliveHintMs(): number {
    return this.head?.keepAliveHintMs ?? -1;
  }

  get phase(): ExchangePhase {
    if (this.#state === "queued") return "queued";
    if (this.#state !== "waiting" || this.#partial !== undefined) return "receiving";
    const reused = this.#connection !== undefined && this.#connection.served > 0;
    return reused && !this.#informed ? "waiting on a reused connection" : "waiting";
  }

  cut(reason: unknown): void {
    if (this.#state === "over") return;
    const queued = this.#connection === undefined;
    this.#state = "over";
    this.#awaited?.settle();
    this.body?.broke(reason);
    this.#sender?.stop(reason);
    if (queued) this.onAbandon?.(this);
    else this.#connection?.release(this, false);
  }

  // What the connection calls.

  /** Sends the request. */
  begin(connection: ClientConnection): void {
    this.#connection = connection;
    this.#state = "waiting";
    const { body } = this.request;
    const { socket } = connection;
    if (this.request.head.protocol !== "") {
      this.#key = webSocketKey();
      return void socket.write(requestText(this.request, this.#key), "latin1");
    }
    const head = requestText(this.request);
    // What asks for another protocol has for a body what comes behind the switch.
    if (body === undefined || this.request.upgrades) writeWhole(connection, head, undefined);
    else if (isWhole(body)) writeWhole(connection, head, body);
    else (this.#sender = new RequestSender(this, socket, head, body)).start();
  }

  get endsWithConnection(): boolean {
    const { body } = this;
    return this.#state === "receiving" && body !== undefined && body.length < 0 && !body.chunked;
  }

  get buffer(): Buffer {
    return (this.#state === "receiving" ? this.body?.readBuffer : undefined) ?? SHARED;
  }

  received(bytes: Buffer, to: number): boolean {
    if (this.#state === "receiving") return this.body!.received(bytes, to); // the state is set where the body is made
    const begun = this.#partial;
    if (begun === undefined) return this.#parse(bytes, 0, to);
    const whole = begun.length === 0 ? bytes : Buffer.concat([begun, bytes.subarray(0, to)]);
    const end = begun.length + to;
    return this.#awaited === undefined ? this.#parse(whole, 0, end) : this.#complete(this.#awaited, whole, end);
  }

  lost(ended: boolean, how: string, cause: unknown, held: boolean): void {
    if (this.#state === "over") return;
    if (ended && this.#state === "receiving" && this.body?.closed() === true) return;
    this.lose(lostConnection(this.phase, how, cause, held));
  }

  /** It comes to nothing: tells the receiver, and the sink of the body. */
  lose(failure: ExchangeFailure): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#awaited?.settle();
    this.#sender?.stop(failure);
    this.#connection?.release(this, false);
    this.#receiver.ended(this, failure);
    this.body?.broke(failure);
  }

  bodyIsLate(head: ResponseHead): void {
    const begun = this.#partial!; // what has come of the body
    this.#partial = this.#awaited = undefined;
    this.head = head;
    if (!this.#stream("length", head, begun, 0, begun.length)) this.#connection?.stopReading();
  }

  // What the body calls.

  resumeReading(): void {
    if (this.#state === "receiving") this.#connection?.resumeReading();
  }

  bodyEnded(exact: boolean): void {
    this.#over(exact);
  }

  bodyRefused(refusal: Refusal): void {
    this.lose(unreadableAnswer(true, refusal.detail));
  }

  bodyCancelled(reason: unknown): void {
    this.cut(reason);
  }

  #parse(bytes: Buffer, from: number, to: number): boolean {
    let at = from;
    do {
      const head = parseResponseHead(bytes, at, to, this.#connection!.headLimits);
      if (head === undefined) {
        // Most likely the rest comes with the next read; copied, because the memory is every connection's.
        this.#partial = Buffer.from(bytes.subarray(at, to));
        return true;
      }
      this.#partial = undefined;
      if (head.kind === "refusal") return this.#refuse(head.detail);
      if (head.status === 101 && (head.upgrade === "" || !this.request.upgrades)) {
        return this.#refuse("101 without an Upgrade field, or to a request that had none (RFC 9110 15.2.2)");
      }
      if (head.status >= 200 || head.status === 101) return this.#answer(head, bytes, head.end, to);
      this.#informed = true;
      this.#receiver.informed(head);
      at = head.end;
    } while (at < to && this.#state === "waiting");
    return true;
  }

  /** @returns what `received` does */
  #refuse(detail: string): boolean {
    this.head = undefined; // nobody has been told of it
    this.lose(unreadableAnswer(false, detail));
    return true;
  }

  #answer(head: ResponseHead, bytes: Buffer, from: number, to: number): boolean {
    this.head = head;
    this.atMs = this.#connection!.clock.nowMs(); // what is received comes by it
    if (this.#key !== "" && head.status < 300) return this.#switch(head, bytes, from, to);
    const { method } = this.request.head;
    const framing = responseFraming(this.#key === "" ? method : "GET", head);
    if (head.status === 101 || (head.status < 300 && method === "CONNECT")) {
      return this.#becomeTunnel(bytes, from, to);
    }
    const end = short.read(framing, head, bytes, from, to);
    if (end >= 0) {
      this.text = short.text;
      // The receiver first: what it sends on is on its way while the connection is put away.
      this.#receiver.answered(this);
      this.#over(end === to);
      return true;
    }
    if (short.problem !== undefined) return this.#refuse(short.problem.detail);
    if (framing === "length" && head.contentLength <= SHORT_BYTES && to - from < head.contentLength) {
      this.head = undefined;
      this.#partial = copyOf(bytes, from, to);
      this.#awaited = new AwaitedBody(head, this);
      this.#connection!.timeouts.of(AWAITED_MS).add(this.#awaited, this.atMs); // what is received comes by it
      return true;
    }
    return this.#stream(framing, head, bytes, from, to);
  }

  #complete(awaited: AwaitedBody, bytes: Buffer, to: number): boolean {
    const { head } = awaited;
    if (to < head.contentLength) {
      this.#partial = copyOf(bytes, 0, to);
      return true;
    }
    awaited.settle();
    this.#partial = this.#awaited = undefined;
    return this.#answer(head, bytes, 0, to);
  }

  /** What has come of the body is not all of it. @returns what `received` does */
  #stream(framing: Framing, head: ResponseHead, bytes: Buffer, from: number, to: number): boolean {
    this.#state = "receiving";
    const body = new ResponseBody(this, framing === "length" ? head.contentLength : -1, framing === "chunked");
    this.body = body;
    const extra = body.begin(bytes, from, to);
    this.#receiver.answered(this);
    if (extra >= 0) this.#over(extra === 0);
    return body.flowing;
  }

  /** An extended CONNECT has got its answer: what follows is a body each way. */
  #switch(head: ResponseHead, bytes: Buffer, from: number, to: number): boolean {
    const answer = webSocketAnswer(head, this.#key);
    if (typeof answer === "string") return this.#refuse(answer);
    this.head = answer;
    this.#state = "receiving";
    const body = new ResponseBody(this, -1, false);
    this.body = body;
    body.begin(bytes, from, to);
    const { body: source } = this.request;
    const { socket } = this.#connection!; // what is received comes by it
    if (source === undefined || isWhole(source)) {
      // The caller's stream had ended before it was sent on: that is all it has to say.
      this.#receiver.answered(this);
      socket.end(source === undefined ? "" : bytesOf(source));
    } else {
      this.#sender = new RequestSender(this, socket, "", source);
      this.#receiver.answered(this);
      this.#sender.start();
    }
    return body.flowing;
  }

  #becomeTunnel(bytes: Buffer, from: number, to: number): boolean {
    if (to > from) this.early = Buffer.from(bytes.subarray(from, to));
    const connection = this.#connection!; // what is received comes by it
    this.#state = "over";
    this.text = "";
    this.tunnel = connection;
    connection.handOver(this);
    this.#receiver.answered(this);
    this.#receiver.ended(this, undefined);
    return false;
  }

  /** The last byte of the answer is here. @param exact whether nothing came behind it */
  #over(exact: boolean): void {
    if (this.#state === "over") return;
    this.#state = "over";
    const sent = this.#sender === undefined || this.#sender.done;
    const clean = exact && sent && this.head?.keepAlive === true && this.#hasLeft();
    // A body that came with the head ended in the same tick: one reading of the clock serves both.
    if (this.text === undefined) this.atMs = this.#connection!.clock.nowMs();
    this.#connection?.release(this, clean);
    this.#receiver.ended(this, undefined);
    // An answer before the end of the request: nobody is there any more to read the rest.
    if (!sent) this.#sender?.stop(undefined);
  }

  /** Whether the kernel has all of the request: an endpoint that answers before may be about to close. */
  #hasLeft(): boolean {
    return this.request.body === undefined || this.#connection?.socket.writableLength === 0;
  }
}
