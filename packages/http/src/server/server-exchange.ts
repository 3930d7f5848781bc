import type { Socket } from "node:net";
import type { RequestHead } from "../head/request-head.ts";
import type { BodySink, BodySource } from "../wire/body.ts";
import { chunkHead } from "../wire/chunk-head.ts";
import type { RequestBody } from "./request-body.ts";
import type { ServerConnection } from "./server-connection.ts";

/** Who answers. Set by the handler before it returns; told what the caller does meanwhile. */
export interface ExchangeHooks {
  /**
   * The caller is gone, or broke its message, before the exchange was over. Nothing can be answered any more.
   *
   * @param why in plain words
   */
  left(exchange: ServerExchange, why: string): void;
  /** The last byte of the answer was handed to the socket. Not called after `left`, nor for an upgrade. */
  answered(exchange: ServerExchange): void;
}

const NOBODY: ExchangeHooks = { left: () => {}, answered: () => {} };

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/**
 * One request and what is answered to it. Also the sink of an answer whose body comes bit by bit.
 *
 *   open --respond--> over
 *     |--stream--> streaming --end--> over
 *     |--upgrade--> over, and the connection is a tunnel
 *     +--(the caller leaves, or `cut`)--> over
 */
export class ServerExchange implements BodySink {
  readonly head: RequestHead;
  /** The whole body, when it came with the head; undefined when there is none, or it is still to come. */
  readonly bytes: Buffer | undefined;
  /** Where the rest of a body comes from; undefined when `bytes` is all. */
  readonly body: RequestBody | undefined;
  hooks: ExchangeHooks = NOBODY;
  /** Bytes of the answer's body so far. */
  bytesOut = 0;
  /** Of the answer; 0: none was sent. */
  status = 0;
  takesChunks = false;

  readonly #connection: ServerConnection;
  #state: "open" | "streaming" | "over" = "open";
  #source: BodySource | undefined = undefined;
  /** The answer's head while it waits for the first bytes of the body. */
  #pendingHead = "";
  #chunked = false;
  /** What the answer says that its body has; -1: it does not say. */
  #length = -1;
  /** Whether the connection ends with the answer. */
  #last: boolean;
  #continued = false;

  constructor(
    connection: ServerConnection,
    head: RequestHead,
    bytes: Buffer | undefined,
    body: RequestBody | undefined,
    last: boolean,
  ) {
    this.#connection = connection;
    this.head = head;
    this.bytes = bytes;
    this.body = body;
    this.#last = last;
  }

  get connection(): ServerConnection {
    return this.#connection;
  }

  get open(): boolean {
    return this.#state === "open";
  }

  get over(): boolean {
    return this.#state === "over";
  }

  /** Bytes of the request's body so far. */
  get bytesIn(): number {
    return this.body?.received ?? this.bytes?.length ?? 0;
  }

  /** The connection ends with this answer. Before the answer is begun. */
  closeAfter(): void {
    this.#last = true;
  }

  /**
   * Sends an interim answer, 1xx; not to a caller of HTTP/1.0, which knows none, nor to one that reads nothing: what is
   * only a hint need not be kept for it.
   */
  inform(status: number, reason: string, lines: string): void {
    const { socket } = this.#connection;
    if (this.#state !== "open" || this.head.minor === 0 || socket.writableNeedDrain) return;
    socket.write(`HTTP/1.1 ${status} ${reason}\r\n${lines}\r\n`, "latin1");
  }

  /** Tells a caller that waits for it to send its body. Once: what attaches to the body has it told so. */
  continue(): void {
    if (this.#state !== "open" || !this.head.expectContinue || this.#continued) return;
    this.#continued = true;
    this.#connection.socket.write(CONTINUE, "latin1");
  }

  /**
   * Answers with a body that is all here.
   *
   * @param lines  fields, each with its line end, without those that frame the body or are about the connection
   * @param text   the body, a character for each byte
   * @param length what Content-Length says; -1: no such line, as for 204, 304 or a CONNECT that succeeded
   */
  respond(status: number, reason: string, lines: string, text: string, length: number): void {
    if (this.#state !== "open") return;
    const last = this.#decideLast();
    const head = startLine(status, reason) + lines + (length < 0 ? "" : `Content-Length: ${length}\r\n`);
    const whole = head + this.#connectionLine(last) + text;
    this.status = status;
    this.bytesOut = text.length;
    this.#state = "over";
    this.#connection.socket.write(whole, "latin1");
    // First the hook: with the end of this exchange the next one may begin.
    this.hooks.answered(this);
    this.#connection.exchangeOver(this, last);
  }

  /** Answers with a body that is still to come from `source`. Parameters as for `respond`. */
  stream(status: number, reason: string, lines: string, source: BodySource): void {
    if (this.#state !== "open") return;
    const { length } = source;
    const modern = this.head.minor === 1;
    this.#length = length;
    this.#chunked = length < 0 && modern;
    this.takesChunks = this.#chunked && source.chunked;
    const endsWithConnection = length < 0 && !modern;
    if (endsWithConnection) this.#last = true;
    const framing =
      length >= 0 ? `Content-Length: ${length}\r\n` : this.#chunked ? "Transfer-Encoding: chunked\r\n" : "";
    this.status = status;
    this.#state = "streaming";
    this.#source = source;
    this.#pendingHead = startLine(status, reason) + lines + framing + this.#connectionLine(this.#decideLast());
    source.attach(this);
    this.#flushHead();
  }

  /**
   * Answers 101, or 2xx to CONNECT, and makes the connection a tunnel. When the caller is gone already, the socket is
   * one that is destroyed.
   *
   * @returns its socket, paused, with what came behind the head
   */
  upgrade(
    status: number,
    reason: string,
    lines: string,
  ): { readonly socket: Socket; readonly early: Buffer | undefined } {
    if (this.#state !== "open") return { socket: this.#connection.socket, early: undefined };
    this.status = status;
    this.#state = "over";
    this.#connection.socket.write(`${startLine(status, reason)}${lines}\r\n`, "latin1");
    return this.#connection.handOver();
  }

  /**
   * Breaks the connection off: what has been sent of an answer does not look complete. The source of the answer is
   * cancelled; nothing more is told of the exchange, nor of its body.
   */
  cut(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#connection.breakOff();
    this.#source?.cancel(undefined);
  }

  // The answer's body, as a sink.

  write(bytes: Buffer): boolean {
    if (this.#state !== "streaming") return true;
    const { socket } = this.#connection;
    this.bytesOut += bytes.length;
    if (this.#chunked && !this.takesChunks) this.#writeChunk(socket, bytes);
    else if (this.#pendingHead === "") socket.write(bytes, this.#connection.written);
    else this.#writeWithHead(socket, bytes);
    return socket.writableLength === 0;
  }

  end(trailers: string): void {
    if (this.#state !== "streaming") return;
    // A source that gave less, or more, than it had said: what was sent is no answer.
    if (this.#length >= 0 && this.bytesOut !== this.#length) return this.cut();
    this.#state = "over";
    const rest = this.#chunked ? `${this.#pendingHead}0\r\n${trailers}\r\n` : this.#pendingHead;
    this.#pendingHead = "";
    if (rest !== "") this.#connection.socket.write(rest, "latin1");
    this.hooks.answered(this);
    this.#connection.exchangeOver(this, this.#last);
  }

  fail(_reason: unknown): void {
    this.cut();
  }

  // What the connection calls.

  /** What was written has left. */
  drained(): void {
    this.#source?.resume();
  }

  /** The caller is gone. */
  left(why: string): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#source?.cancel(why);
    // The handler first: it knows best what becomes of those who still take the body.
    this.hooks.left(this, why);
    if (this.body?.receiving === true) this.body.broke(new Error(why));
  }

  /** No further request is read when this one's body has not been, or when either side wants it so. */
  #decideLast(): boolean {
    if (this.body?.complete === false || this.#connection.draining) this.#last = true;
    return this.#last;
  }

  #connectionLine(last: boolean): string {
    if (last) return this.head.keepAlive || this.head.minor === 1 ? "Connection: close\r\n\r\n" : "\r\n";
    return this.head.minor === 0 ? "Connection: keep-alive\r\n\r\n" : "\r\n";
  }

  #flushHead(): void {
    const head = this.#pendingHead;
    if (head === "" || this.#state === "over") return;
    this.#pendingHead = "";
    this.#connection.socket.write(head, "latin1");
  }

  /** Where the source left room, the head goes right in front of the body: one write. */
  #writeWithHead(socket: Socket, bytes: Buffer): void {
    const head = this.#pendingHead;
    this.#pendingHead = "";
    const room = this.#source?.room ?? 0;
    if (head.length <= room) {
      // `room` bytes in front of the view are the source's, and unused: so it says.
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset - head.length, head.length + bytes.length);
      whole.write(head, 0, head.length, "latin1");
      socket.write(whole, this.#connection.written);
      return;
    }
    socket.cork();
    socket.write(head, "latin1");
    socket.write(bytes, this.#connection.written);
    socket.uncork();
  }

  #writeChunk(socket: Socket, bytes: Buffer): void {
    socket.cork();
    this.#flushHead();
    socket.write(chunkHead(bytes.length), "latin1");
    socket.write(bytes);
    socket.write("\r\n", "latin1", this.#connection.written);
    socket.uncork();
  }
}

function startLine(status: number, reason: string): string {
  return `HTTP/1.1 ${status} ${reason}\r\n`;
}
