import type { Socket } from "node:net";
import { parseRequestHead } from "../head/head-parser.ts";
import type { Refusal } from "../head/refusal.ts";
import type { RequestHead } from "../head/request-head.ts";
import { resetSocket } from "../tunnel/reset-socket.ts";
import { copyOf } from "../wire/copy-of.ts";
import { wholeOf } from "../wire/whole-body.ts";
import { isHeld } from "../wire/write-together.ts";
import { type InPlaceReader, readInPlace } from "./accepted-socket.ts";
import type { ConnectionOwner } from "./connection-owner.ts";
import { ConnectionPace, UNSEEN } from "./connection-pace.ts";
import { endBehind, endSoon, linger } from "./end-connection.ts";
import { Incoming } from "./incoming.ts";
import { isLastRequest } from "./last-request.ts";
import { keepsNothing, loneRequest } from "./lone-request.ts";
import { peerAddress } from "./peer-address.ts";
import { prefaceIn } from "./preface.ts";
import { readOn } from "./read-on.ts";
import { refusalAnswer } from "./refusal-answer.ts";
import { RequestBody, type RequestBodyOwner } from "./request-body.ts";
import type { ServedConnection } from "./served-connection.ts";
import { ServerExchange } from "./server-exchange.ts";
import type { ServerLimits } from "./server-limits.ts";
import { sweepConnection } from "./sweep-connection.ts";
import { errorWords } from "../dial/error-words.ts";

const CR = 0x0d;

/**
 * One caller's connection. Requests are answered one after the other, in the order they came; what comes meanwhile
 * waits in the kernel.
 *
 *   idle --> head --> exchange --> idle ...
 *                        |--> lingering --> closed    the last answer is on its way; what still comes is read away
 *                        +--> tunnel                  the socket is somebody else's
 */
export class ServerConnection implements RequestBodyOwner, ServedConnection, InPlaceReader {
  readonly socket: Socket;
  readonly protocol = "HTTP/1.1";
  phase: "idle" | "head" | "exchange" | "lingering" | "tunnel" | "http2" | "closed" = "idle";
  exchange: ServerExchange | undefined = undefined;
  requests = 0;
  readonly pace: ConnectionPace;
  readonly incoming: Incoming;
  readonly owner: ConnectionOwner;

  /** Requests are being taken out of `held`: one that is answered at once leaves the next one to that loop. */
  #taking = false;
  #peer = "";

  constructor(socket: Socket, owner: ConnectionOwner, nowMs: number) {
    this.socket = socket;
    this.owner = owner;
    this.pace = new ConnectionPace(nowMs);
    this.incoming = new Incoming(socket);
    readInPlace(socket, this);
    socket.on("data", this.#read).on("drain", this.#drained).on("end", this.#finished);
    // Both stay on when the socket becomes somebody else's.
    socket.on("error", (error) => this.#gone(errorWords(error)));
    socket.on("close", () => this.#gone("the connection was closed"));
  }

  /** The caller's `address:port`; read from the system once. */
  get peer(): string {
    return (this.#peer ||= peerAddress(this.socket));
  }

  get running(): number {
    return this.phase === "exchange" || this.phase === "tunnel" ? 1 : 0;
  }

  /** HTTP/1.1 has no word for it: the next answer says so. */
  announce(): void {}

  sweep(limits: ServerLimits, nowMs: number): void {
    sweepConnection(this, limits, nowMs);
  }

  /** Closes it now when nothing is going on; otherwise the answer that is under way will be the last. */
  drain(): void {
    if (this.phase !== "idle") return;
    if (this.incoming.held === undefined) endSoon(this);
    else linger(this);
  }

  /** Ends it now, whatever is going on. @param why in plain words, for the exchange that is cut by it */
  cut(why: string): void {
    if (this.phase === "tunnel") this.socket.destroy();
    else this.#gone(why);
  }

  /** Ends what has been idle or lingered for long enough; refuses what the caller is sending too slowly. */
  timeOut(detail: string): void {
    if (this.phase === "idle") endSoon(this);
    else if (this.phase !== "head" && this.phase !== "exchange") this.cut(detail);
    else this.#refuse({ status: 408, code: "too-slow", detail });
  }

  // What the exchange calls.

  /** Told when a write has left; one function for the life of the connection. */
  readonly written = (): void => {
    if (this.socket.writableLength === 0) this.exchange?.drained();
  };

  exchangeOver(exchange: ServerExchange, last: boolean): void {
    if (this.exchange !== exchange) return;
    this.exchange = undefined;
    this.pace.sinceMs = UNSEEN;
    // The listener may have begun to close after the answer had begun.
    if (last || this.owner.draining) return endBehind(this, exchange);
    this.phase = "idle";
    if (!this.#taking) this.#takeRequests();
  }

  /** Ends it so that the caller cannot take what it has for a whole answer. */
  breakOff(): void {
    this.exchange = undefined;
    this.incoming.release();
    this.phase = "closed";
    resetSocket(this.socket);
  }

  handOver(): { readonly socket: Socket; readonly early: Buffer | undefined } {
    this.#peer = this.peer; // it is asked for when the tunnel ends: a socket that has closed no longer knows
    this.exchange = undefined;
    this.phase = "tunnel";
    this.socket.pause().off("data", this.#read).off("drain", this.#drained).off("end", this.#finished);
    return { socket: this.socket, early: this.incoming.release() };
  }

  // What the request's body calls.

  readMore(wanted: boolean): void {
    this.incoming.read(wanted);
  }

  bodyWanted(): void {
    this.exchange?.continue();
  }

  /** Keeps what belongs to the next request. Nothing more is read before that one's turn. */
  cameBehind(bytes: Buffer): void {
    this.incoming.hold(bytes);
    this.incoming.read(false);
  }

  bodyRefused(refusal: Refusal): void {
    this.#refuse(refusal);
  }

  bodyCutShort(): void {
    this.#gone("the caller ended the connection inside the body");
  }

  /** Most reads are one request, without a body or with a short one. */
  takeInPlace(bytes: Buffer, to: number): boolean {
    if (this.phase !== "idle" || this.incoming.held !== undefined || this.socket.writableNeedDrain) return false;
    const head = loneRequest(bytes, to, this.owner.limits);
    if (head === undefined) return false;
    this.#taking = true;
    this.#begin(head, keepsNothing(head, to) ? bytes : copyOf(bytes, 0, to), to);
    this.#takeRequests();
    return true;
  }

  readonly #read = (chunk: Buffer): void => {
    const { exchange, socket } = this;
    readOn(socket);
    if (exchange !== undefined) {
      if (exchange.body?.receiving === true) exchange.body.take(chunk);
      else this.cameBehind(chunk);
    } else if (this.phase === "idle" || this.phase === "head") {
      this.incoming.hold(chunk);
      this.#takeRequests();
    } else if (this.phase === "lingering") this.pace.heardMs = this.owner.nowMs();
  };

  readonly #drained = (): void => {
    if ((this.phase === "idle" || this.phase === "head") && !this.#taking) this.#takeRequests();
  };

  /** Takes the requests that are here, as many as are answered at once, and sees to what is read next. */
  #takeRequests(): void {
    let incomplete = false;
    this.#taking = true; // what a handler throws breaks the connection off: then nobody asks any more
    while (this.incoming.held !== undefined && !incomplete && (this.phase === "idle" || this.phase === "head")) {
      if (this.socket.writableNeedDrain) break; // a caller that sends and does not read: its turn comes with `drain`
      incomplete = !this.#take(this.incoming.held);
    }
    this.#taking = false;
    if (this.phase === "exchange") {
      // Reading goes on, to see the caller leave; a body says itself when it is wanted.
      if (this.incoming.held !== undefined) this.incoming.read(false);
      else if (this.exchange?.body === undefined) this.incoming.read(true);
    } else if (this.phase === "idle" || this.phase === "head") {
      if (this.incoming.held !== undefined && !incomplete) this.incoming.read(false);
      else if (this.incoming.ended) endSoon(this);
      else this.incoming.read(true);
    }
  }

  /** @returns false when that is not all of a head */
  #take(bytes: Buffer): boolean {
    const preface = this.requests === 0 ? prefaceIn(this.socket, bytes) : "none";
    if (preface === "whole") {
      this.#becomeHttp2(bytes);
      return true;
    }
    const head = preface === "part" ? undefined : parseRequestHead(bytes, 0, bytes.length, this.owner.limits);
    if (head === undefined) {
      // The empty line that some send behind a body begins nothing.
      if (this.phase === "idle" && (bytes.length > 2 || bytes[0] !== CR)) {
        this.phase = "head";
        this.pace.sinceMs = this.owner.nowMs();
      }
      return false;
    }
    if (head.kind === "refusal") this.#refuse(head);
    else this.#begin(head, bytes, bytes.length);
    return true;
  }

  #becomeHttp2(bytes: Buffer): void {
    this.incoming.release();
    this.phase = "http2";
    this.socket.off("data", this.#read).off("drain", this.#drained).off("end", this.#finished);
    this.owner.speaksHttp2(this, bytes);
  }

  #begin(head: RequestHead, bytes: Buffer, to: number): void {
    const { limits, handle } = this.owner;
    const length = head.chunked ? -1 : Math.max(0, head.contentLength);
    const end = head.end + length;
    const whole = length >= 0 && end <= to;
    this.incoming.held = whole && end < to ? bytes.subarray(end, to) : undefined;
    // Its last request, and the caller did not say that it would still read the answer.
    if (this.incoming.ended && head.keepAlive && this.incoming.held === undefined) return endSoon(this);

    this.phase = "exchange";
    this.requests++;
    const body = whole ? undefined : new RequestBody(this, length);
    const content = whole && length > 0 ? wholeOf(bytes, head.end, end) : undefined;
    const exchange = new ServerExchange(this, head, content, body, isLastRequest(head, this.requests, limits));
    this.exchange = exchange;
    if (body !== undefined) {
      this.pace.sinceMs = this.owner.nowMs();
      this.pace.seenIn = 0;
      if (head.end < to) body.take(bytes.subarray(head.end, to));
      if (this.incoming.ended && !body.callerEnded()) return this.bodyCutShort();
    }
    try {
      handle(exchange);
    } catch (error) {
      exchange.cut();
      throw error;
    }
  }

  #refuse(refusal: Pick<Refusal, "detail"> & { readonly status: number; readonly code: string }): void {
    const { exchange } = this;
    this.exchange = undefined;
    this.owner.refused(this, refusal.status, refusal.code, refusal.detail);
    if (exchange !== undefined) {
      const begun = exchange.status > 0;
      exchange.left(refusal.detail);
      if (begun) return this.breakOff();
    }
    this.socket.write(refusalAnswer(refusal), "latin1");
    linger(this);
  }

  /** The caller's FIN. One that had announced its last request still reads; any other is leaving. */
  readonly #finished = (): void => {
    const { exchange } = this;
    this.incoming.ended = true;
    if (exchange !== undefined) {
      const { body, head } = exchange;
      if (body !== undefined && !body.callerEnded()) this.bodyCutShort();
      // Of several requests it is the last one that says.
      else if (head.keepAlive && this.incoming.held === undefined) this.#gone("the caller closed the connection");
    } else if (this.phase === "lingering") this.socket.destroySoon();
    else if (this.phase === "head" || (this.phase === "idle" && !this.socket.writableNeedDrain)) endSoon(this);
  };

  #gone(why: string): void {
    const { exchange, socket } = this;
    if (this.phase === "http2") return;
    if (this.phase !== "tunnel" && this.phase !== "closed") {
      this.exchange = undefined;
      this.incoming.release();
      this.phase = "closed";
      exchange?.left(why);
      // An end would pass for the end of an answer that ends with the connection.
      if ((exchange?.status ?? 0) > 0 || socket.writableLength > 0 || isHeld(socket)) resetSocket(socket);
      else socket.destroy();
    }
    if (socket.destroyed) this.owner.forget(this);
  }
}
