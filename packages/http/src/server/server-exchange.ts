import type { Socket } from "node:net";
import { type CallerExchange, type CallerTunnel, type ExchangeHooks, NO_HOOKS } from "../exchange/caller-exchange.ts";
import type { Fields } from "../head/fields.ts";
import { CommonText } from "../head/common-text.ts";
import { reasonPhrase } from "../head/reason-phrases.ts";
import type { RequestHead } from "../head/request-head.ts";
import type { BodySource } from "../wire/body.ts";
import { chunkHead } from "../wire/chunk-head.ts";
import type { WholeBody } from "../wire/whole-body.ts";
import { writeTogether } from "../wire/write-together.ts";
import type { RequestBody } from "./request-body.ts";
import type { ServerConnection } from "./server-connection.ts";

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/** A request of HTTP/1.1 or 1.0 and what is answered to it. */
export class ServerExchange implements CallerExchange {
  readonly head: RequestHead;
  readonly whole: WholeBody | undefined;
  readonly body: RequestBody | undefined;
  hooks: ExchangeHooks = NO_HOOKS;
  bytesOut = 0;
  status = 0;
  takesChunks = false;
  readonly keeps = true;

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
    whole: WholeBody | undefined,
    body: RequestBody | undefined,
    last: boolean,
  ) {
    this.#connection = connection;
    this.head = head;
    this.whole = whole;
    this.body = body;
    this.#last = last;
  }

  /** Its turn may have come long after its bytes: it waits for those in front of it. */
  get cameMs(): number {
    return this.#connection.owner.nowMs();
  }

  get peer(): string {
    return this.#connection.peer;
  }

  get open(): boolean {
    return this.#state === "open";
  }

  get over(): boolean {
    return this.#state === "over";
  }

  get bytesIn(): number {
    return this.body?.received ?? this.whole?.length ?? 0;
  }

  closeAfter(): void {
    this.#last = true;
  }

  /** HTTP/1.0 knows no interim answers. */
  inform(status: number, reason: string, fields: Fields): void {
    const { socket } = this.#connection;
    if (this.#state !== "open" || this.head.minor === 0 || socket.writableNeedDrain) return;
    socket.write(`${startLine(status, reason)}${fields.lines}\r\n`, "latin1");
  }

  continue(): void {
    if (this.#state !== "open" || !this.head.expectContinue || this.#continued) return;
    this.#continued = true;
    this.#connection.socket.write(CONTINUE, "latin1");
  }

  respond(status: number, reason: string, fields: Fields, text: string, length: number): void {
    if (this.#state !== "open") return;
    const last = this.#decideLast();
    const head = startLine(status, reason) + fields.lines + (length < 0 ? "" : `Content-Length: ${length}\r\n`);
    const whole = head + this.#connectionLine(last) + text;
    this.status = status;
    this.bytesOut = text.length;
    this.#state = "over";
    writeTogether(this.#connection.socket, whole);
    // First the hook: with the end of this exchange the next one may begin.
    this.hooks.answered(this);
    this.#connection.exchangeOver(this, last);
  }

  stream(status: number, reason: string, fields: Fields, source: BodySource): void {
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
    this.#pendingHead = startLine(status, reason) + fields.lines + framing + this.#connectionLine(this.#decideLast());
    source.attach(this);
    this.#flushHead();
  }

  upgrade(status: number, reason: string, fields: Fields): CallerTunnel {
    if (this.#state !== "open") return { socket: this.#connection.socket, early: undefined };
    this.status = status;
    this.#state = "over";
    this.#connection.socket.write(`${startLine(status, reason)}${fields.lines}\r\n`, "latin1");
    return this.#connection.handOver();
  }

  /** The connection is broken off. */
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

  end(trailers: Fields): void {
    if (this.#state !== "streaming") return;
    // A source that gave less, or more, than it had said: what was sent is no answer.
    if (this.#length >= 0 && this.bytesOut !== this.#length) return this.cut();
    this.#state = "over";
    const rest = this.#chunked ? `${this.#pendingHead}0\r\n${trailers.lines}\r\n` : this.#pendingHead;
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
    if (this.body?.complete === false || this.#connection.owner.draining) this.#last = true;
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

let lastStatus = 0;
let lastReason = "";
const lastStartLine = new CommonText();

/**
 * Most answers begin as the last one did.
 *
 * @param reason "" for an answer that came by HTTP/2, which has none: some readers of HTTP/1.1 need one
 */
function startLine(status: number, reason: string): string {
  if (status === lastStatus && reason === lastReason) return lastStartLine.again();
  lastStatus = status;
  lastReason = reason;
  return lastStartLine.anew(`HTTP/1.1 ${status} ${reason === "" ? reasonPhrase(status) : reason}\r\n`);
}
