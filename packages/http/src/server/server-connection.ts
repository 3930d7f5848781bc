import type { Socket } from "node:net";
import { parseRequestHead } from "../head/head-parser.ts";
import type { Refusal } from "../head/refusal.ts";
import type { RequestHead } from "../head/request-head.ts";
import type { ConnectionOwner } from "./connection-owner.ts";
import { resetSocket } from "../tunnel/reset-socket.ts";
import { refusalAnswer } from "./refusal-answer.ts";
import { RequestBody, type RequestBodyOwner } from "./request-body.ts";
import { ServerExchange } from "./server-exchange.ts";

/** Bytes read and thrown away after an early answer, so that the caller gets to read it instead of a reset. */
const LINGER_BYTES = 256 * 1024;

/**
 * One caller's connection. Requests are answered one after the other, in the order they came; what comes meanwhile
 * waits in the kernel.
 *
 *   idle --> head --> exchange --> idle ...
 *                        |--> lingering    the answer was the last, and bytes of the request are still coming
 *                        +--> tunnel       the socket is somebody else's
 */
export class ServerConnection implements RequestBodyOwner {
  readonly socket: Socket;
  /** Since when `phase` lasts; the owner's sweep goes by it. */
  sinceMs: number;
  phase: "idle" | "head" | "exchange" | "lingering" | "tunnel" | "closed" = "idle";
  exchange: ServerExchange | undefined = undefined;
  requests = 0;
  /** The sweep's notes: what had been read of the body, and written, when it last looked; since when nothing moved. */
  seenIn = 0;
  seenOut = 0;
  stalledSinceMs = 0;
  /** Told when a write has left; one function for the life of the connection. */
  readonly written: () => void;

  readonly #owner: ConnectionOwner;
  /** Bytes read and not looked at yet: part of a head, or requests behind the one that is being answered. */
  #held: Buffer | undefined = undefined;
  #paused = false;
  /** The caller has sent its FIN, and still reads. */
  #halfClosed = false;
  #reading = false;
  #lingered = 0;
  #peer = "";

  constructor(socket: Socket, owner: ConnectionOwner, nowMs: number) {
    this.socket = socket;
    this.#owner = owner;
    this.sinceMs = nowMs;
    this.written = () => {
      if (this.socket.writableLength === 0) this.exchange?.drained();
    };
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("drain", () => this.#drained());
    socket.on("end", () => this.#finished());
    socket.on("error", (error) => this.#gone(error.message));
    socket.on("close", () => this.#gone("the connection was closed"));
  }

  /** The caller's `address:port`; read from the system once. */
  get peer(): string {
    if (this.#peer === "") {
      const { remoteAddress = "", remotePort = 0 } = this.socket;
      this.#peer = remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
    }
    return this.#peer;
  }

  /** The listener is closing: the next answer is the last one. */
  get draining(): boolean {
    return this.#owner.draining;
  }

  /** Closes it now when nothing is going on; otherwise the answer that is under way will be the last. */
  drain(): void {
    if (this.phase === "idle") this.socket.destroySoon();
  }

  /** Ends it now, whatever is going on. */
  abort(): void {
    if (this.phase === "tunnel") this.socket.destroy();
    else this.#gone("the listener was closed");
  }

  /** Refuses what the caller is sending too slowly, or did not send in time. */
  timeOut(detail: string): void {
    if (this.phase === "idle") this.socket.destroySoon();
    else if (this.phase === "lingering" || this.phase === "tunnel") this.socket.destroy();
    else this.#refuse({ status: 408, code: "too-slow", detail });
  }

  /** The caller takes nothing of its answer. */
  cutStalled(): void {
    this.exchange?.left("the caller read nothing of its answer for too long");
    this.socket.destroy();
  }

  // What the exchange calls.

  exchangeOver(exchange: ServerExchange, last: boolean): void {
    if (this.exchange !== exchange) return;
    this.exchange = undefined;
    this.sinceMs = this.#owner.nowMs();
    if (last || this.#halfClosed) this.#close(exchange);
    else {
      this.phase = "idle";
      if (!this.#reading) this.#next();
    }
  }

  /** Ends it so that the caller cannot take what it has for a whole answer. */
  breakOff(): void {
    this.exchange = undefined;
    this.phase = "closed";
    resetSocket(this.socket);
  }

  handOver(): { readonly socket: Socket; readonly early: Buffer | undefined } {
    const early = this.#held;
    this.#held = undefined;
    this.exchange = undefined;
    this.phase = "tunnel";
    this.socket.pause();
    for (const event of ["data", "drain", "end", "error"]) this.socket.removeAllListeners(event);
    return { socket: this.socket, early };
  }

  // What the request's body calls.

  readMore(wanted: boolean): void {
    if (wanted === !this.#paused) return;
    this.#paused = !wanted;
    if (wanted) this.socket.resume();
    else this.socket.pause();
  }

  bodyWanted(): void {
    this.exchange?.continue();
  }

  bodyComplete(): void {}

  cameBehind(bytes: Buffer): void {
    this.#hold(bytes);
  }

  bodyRefused(refusal: Refusal): void {
    this.#refuse(refusal);
  }

  bodyUnwanted(): void {}

  #read(chunk: Buffer): void {
    const { exchange } = this;
    if (exchange !== undefined) {
      const used = exchange.body === undefined ? 0 : exchange.body.take(chunk);
      if (used < chunk.length) this.#hold(used === 0 ? chunk : chunk.subarray(used));
    } else if (this.phase === "lingering") this.#linger(chunk.length);
    else if (this.phase !== "closed") this.#parse(this.#held === undefined ? chunk : this.#withHeld(chunk));
  }

  /** Keeps what belongs to the next request. Nothing more is read before that one's turn. */
  #hold(bytes: Buffer): void {
    if (this.phase === "closed") return;
    this.#held = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes]);
    this.readMore(false);
  }

  #withHeld(chunk: Buffer): Buffer {
    const whole = Buffer.concat([this.#held!, chunk]); // asked by the caller
    this.#held = undefined;
    return whole;
  }

  /** The turn of the next request: of what was read of it, or of what is still to be read. */
  #next(): void {
    if (this.socket.writableNeedDrain) return; // a caller that sends and never reads: its turn comes with `drain`
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#parse(held);
    if (this.exchange === undefined) this.readMore(true);
  }

  #drained(): void {
    if (this.phase === "idle" && this.#held !== undefined && !this.#reading) this.#next();
  }

  /** Reads as many requests as are there, and are answered at once. */
  #parse(bytes: Buffer): void {
    this.#reading = true;
    let at = 0;
    while (at < bytes.length && this.exchange === undefined && (this.phase === "idle" || this.phase === "head")) {
      if (at > 0 && this.socket.writableNeedDrain) break;
      const head = parseRequestHead(bytes, at, bytes.length, this.#owner.limits);
      if (head === undefined) {
        if (this.phase === "idle") {
          this.phase = "head";
          this.sinceMs = this.#owner.nowMs();
        }
        break;
      }
      if (head.kind === "refusal") {
        this.#reading = false;
        return this.#refuse(head);
      }
      at = this.#begin(head, bytes);
    }
    this.#reading = false;
    if (at >= bytes.length || this.phase === "closed" || this.phase === "lingering") return;
    if (this.phase === "head") this.#held = bytes.subarray(at);
    else this.#hold(bytes.subarray(at));
  }

  /** @returns where the bytes of this request end */
  #begin(head: RequestHead, bytes: Buffer): number {
    this.phase = "exchange";
    this.requests++;
    const { limits, handle } = this.#owner;
    const length = head.chunked ? -1 : Math.max(0, head.contentLength);
    const end = head.end + length;
    const whole = length >= 0 && end <= bytes.length;
    const body = whole ? undefined : new RequestBody(this, length);
    const content = whole && length > 0 ? bytes.subarray(head.end, end) : undefined;
    const last = !head.keepAlive || (limits.maxRequests > 0 && this.requests >= limits.maxRequests);
    const exchange = new ServerExchange(this, head, content, body, last);
    this.exchange = exchange;
    this.seenIn = 0;
    let used = whole ? end : bytes.length;
    if (body !== undefined) {
      if (head.end < bytes.length) used = head.end + body.take(bytes.subarray(head.end));
      this.sinceMs = this.#owner.nowMs();
    }
    handle(exchange);
    return used;
  }

  #refuse(refusal: Pick<Refusal, "detail"> & { readonly status: number; readonly code: string }): void {
    const { exchange } = this;
    this.#held = undefined;
    this.#owner.refused(this, refusal.status, refusal.code, refusal.detail);
    if (exchange !== undefined) {
      const begun = exchange.status > 0;
      exchange.left(refusal.detail);
      this.exchange = undefined;
      if (begun) return this.breakOff();
    }
    this.socket.write(refusalAnswer(refusal), "latin1");
    this.#linger(0);
  }

  /** The last answer has been handed to the socket. */
  #close(exchange: ServerExchange): void {
    if (exchange.body?.receiving === true || this.#held !== undefined) {
      this.#linger(0);
      return;
    }
    this.phase = "closed";
    this.socket.destroySoon();
  }

  /** Our side is closed; what still comes is read away, or the reset that answers it would overtake the answer. */
  #linger(bytes: number): void {
    if (this.phase !== "lingering") {
      this.phase = "lingering";
      this.sinceMs = this.#owner.nowMs();
      this.#held = undefined;
      if (this.#halfClosed) return this.socket.destroySoon();
      this.socket.end();
      this.#paused = false;
      this.socket.resume();
    }
    this.#lingered += bytes;
    if (this.#lingered > LINGER_BYTES) this.socket.destroy();
  }

  /** The caller's FIN. One that had announced its last request still reads; any other is leaving. */
  #finished(): void {
    const { exchange } = this;
    this.#halfClosed = true;
    if (exchange === undefined) {
      if (this.phase === "lingering") this.socket.destroySoon();
      else this.socket.end();
      return;
    }
    if (exchange.body?.receiving === true) {
      exchange.body.broke(new Error("the caller ended the connection inside the body"));
      this.#gone("the caller ended the connection inside the body");
    } else if (exchange.head.keepAlive) this.#gone("the caller closed the connection");
  }

  #gone(why: string): void {
    if (this.phase === "tunnel" || this.phase === "closed") return this.#forget();
    const { exchange } = this;
    this.exchange = undefined;
    this.#held = undefined;
    this.phase = "closed";
    if (exchange !== undefined) {
      exchange.body?.broke(new Error(why));
      exchange.left(why);
    }
    this.socket.destroy();
    this.#forget();
  }

  #forget(): void {
    if (this.socket.destroyed) this.#owner.forget(this);
  }
}
