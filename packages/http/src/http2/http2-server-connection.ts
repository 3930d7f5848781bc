import type { Socket } from "node:net";
import type { RequestHead } from "../head/request-head.ts";
import { BLOCK } from "../http2-head/head-writer.ts";
import { freeBytes } from "../tunnel/free-bytes.ts";
import { resetSocket } from "../tunnel/reset-socket.ts";
import { type InPlaceReader, readInPlace } from "../server/accepted-socket.ts";
import type { ConnectionOwner } from "../server/connection-owner.ts";
import { peerAddress } from "../server/peer-address.ts";
import { readOn } from "../server/read-on.ts";
import { problemBody, problemFields } from "../server/refusal-answer.ts";
import type { ServedConnection } from "../server/served-connection.ts";
import type { ServerLimits } from "../server/server-limits.ts";
import { COST } from "./abuse-budget.ts";
import { BegunStreams } from "./begun-streams.ts";
import { CallerPace } from "./caller-pace.ts";
import { errorName, FLAG, FRAME, H2_ERROR } from "./frame.ts";
import { Http2Connection, type Http2ConnectionPorts } from "./http2-connection.ts";
import { COPIED_BYTES, type Http2Stream } from "./http2-stream.ts";
import { lookAtStream } from "./look-at-stream.ts";
import { PrefaceBytes } from "./preface-bytes.ts";
import { ServerStream } from "./server-stream.ts";
import { errorWords } from "../dial/error-words.ts";

/** Announces that the connection will end, without saying yet which stream is the last. Source: RFC 9113 6.8. */
const ANNOUNCED = 2 ** 31 - 1;
const SLOW_HEAD = "a head did not come in time";
/** How long our GOAWAY has to leave, and the caller's last bytes to come, before the socket is destroyed. */
const LINGER_MS = 1_000;

/** A caller's HTTP/2 connection: a stream for each request, all of them at once. */
export class Http2ServerConnection extends Http2Connection implements ServedConnection, InPlaceReader {
  readonly protocol = "HTTP/2";
  readonly ownReads = true;
  readonly server = true;

  readonly #owner: ConnectionOwner;
  readonly #preface = new PrefaceBytes();
  readonly #begun = new BegunStreams();
  readonly #pace: CallerPace;
  #peer = "";
  /** Of what is going on now, for the sweep. */
  #idleSinceMs: number;
  #closingSinceMs = -1;
  #announced = false;
  /** The highest stream that came when none was taken any more. */
  #lastRefusedId = 0;

  constructor(socket: Socket, owner: ConnectionOwner, ports: Http2ConnectionPorts) {
    super(socket, ports);
    this.#owner = owner;
    this.#idleSinceMs = this.heardMs;
    this.#pace = new CallerPace(socket, this.heardMs);
    readInPlace(socket, this);
    socket.on("data", this.take).on("drain", () => this.parked.pump());
    socket.on("end", () => this.#ended());
    socket.on("error", (error) => this.#closed(errorWords(error)));
    socket.on("close", () => this.#closed("the connection was closed"));
    this.start();
    if (owner.draining) this.announce();
  }

  get peer(): string {
    return (this.#peer ||= peerAddress(this.socket));
  }

  get running(): number {
    return this.streams.size;
  }

  /** The listener is closing: no new streams are wished for, those that come are still taken. */
  announce(): void {
    if (this.#announced || this.state !== "open") return;
    this.#announced = true;
    this.sendGoaway(ANNOUNCED, H2_ERROR.noError, "the listener is closing");
  }

  /** Takes no new stream; ends when the last one is over. */
  drain(): void {
    if (this.leaving || this.state !== "open") return;
    this.leaving = true;
    this.sendGoaway(this.lastPeerId, H2_ERROR.noError, "");
    if (this.streams.size === 0) this.#endSoon();
  }

  cut(why: string): void {
    for (const stream of this.streams) if (stream instanceof ServerStream) stream.closing(why);
    if (this.state !== "open") return this.abort(why);
    this.sendGoaway(this.lastPeerId, H2_ERROR.noError, why);
    this.output.flush();
    this.gone(why);
    // What was said leaves first, where the caller reads.
    if (this.socket.writableLength === 0) this.socket.destroySoon();
    else this.socket.destroy();
  }

  abort(why: string): void {
    if (this.state === "open") {
      this.sendGoaway(this.lastPeerId, H2_ERROR.noError, why);
      this.output.flush();
    }
    this.#closed(why);
    this.socket.destroy();
  }

  sweep(limits: ServerLimits, nowMs: number): void {
    if (this.state !== "open") {
      if (this.#closingSinceMs < 0) this.#closingSinceMs = nowMs;
      if (nowMs - this.#closingSinceMs > LINGER_MS) this.socket.destroy();
      return;
    }
    if (this.#pace.stalled(limits.stallMs, nowMs)) return this.abort("the caller read nothing for too long");
    if (this.unanswered(nowMs)) {
      this.counts.unanswered++;
      return this.fatal(H2_ERROR.settingsTimeout, "SETTINGS or PING was not acknowledged in time");
    }
    const insideHead = !this.#preface.whole || !this.peerSettings.known || this.intake.insideHead;
    if (this.#pace.slowHead(insideHead, limits.headMs, nowMs)) {
      return this.fatal(H2_ERROR.enhanceYourCalm, SLOW_HEAD);
    }
    if (this.streams.size > 0) {
      this.#idleSinceMs = nowMs;
      // While it takes nothing either, it is a slow reader, and no silent one: stallMs is for that.
      if (this.socket.writableLength === 0) this.keepAlive(nowMs, limits.keepAliveMs);
    } else if (nowMs - this.#idleSinceMs > limits.idleMs) this.drain();
    for (const stream of this.streams) if (stream instanceof ServerStream) lookAtStream(stream, limits, nowMs);
  }

  // What the streams call.

  /** What came was refused. */
  refused(status: number, code: string, detail: string): void {
    this.#owner.refused(this, status, code, detail);
  }

  /** Answers a request that is not taken for one, or came too slowly. */
  answerRefused(stream: ServerStream, status: number, code: string, detail: string): void {
    const body = problemBody({ status, code, detail });
    stream.respond(status, "", problemFields(code), body, body.length);
  }

  // What the frames bring.

  begun(id: number, block: Buffer, from: number, to: number, endStream: boolean): void {
    if (id % 2 === 0) return this.fatal(H2_ERROR.protocolError, "a caller's stream with an even id (RFC 9113 5.1.1)");
    if (id <= this.lastPeerId) {
      if (!this.skipBlock(block, from, to) || this.wasReset(id)) return;
      return this.fatal(H2_ERROR.streamClosed, "HEADERS on a stream that is closed (RFC 9113 5.1)");
    }
    if (this.cutUnread()) return;
    if (this.leaving) return this.#refuseLate(id, block, from, to);
    this.lastPeerId = id;
    if (this.streams.size >= this.limits.maxStreams) return this.#refuseStream(id, block, from, to);
    const head = this.heads.request(block, from, to);
    if (head.kind === "request") this.#open(id, head, endStream);
    else if (this.endedBy(head)) return;
    else if (head.kind === "malformed") {
      this.sendReset(id, H2_ERROR.protocolError);
      this.refused(400, head.code, head.detail);
    } else if (head.kind === "refused") {
      this.refused(head.status, head.code, head.detail);
      this.#answerUnread(id, head.status, head.code, head.detail, endStream);
    }
  }

  continued(stream: Http2Stream, block: Buffer, from: number, to: number, endStream: boolean): void {
    const trailers = this.heads.trailers(block, from, to);
    if ("kind" in trailers) {
      if (trailers.kind === "compression") this.endedBy(trailers);
      else stream.malformed(trailers.detail);
    } else if (!endStream) stream.malformed("trailers that do not end the stream (RFC 9113 8.1)");
    else if (stream instanceof ServerStream && stream.head.method === "CONNECT") {
      stream.malformed("HEADERS on a stream that is a tunnel (RFC 9113 8.5)");
    } else stream.receiveEnd(trailers);
  }

  neverBegun(id: number): boolean {
    return id % 2 === 0 || id > Math.max(this.lastPeerId, this.#lastRefusedId);
  }

  resetByPeer(stream: Http2Stream, code: number): void {
    if (stream instanceof ServerStream) stream.left(`the caller reset the stream (${errorName(code)})`);
  }

  /** A client that says so will open no more streams: nothing is refused by it. */
  goneAway(): void {
    this.#announced = true;
    this.leaving = true;
    if (this.streams.size === 0) this.#endSoon();
  }

  protected lost(detail: string, code: number): void {
    const streams = [...this.streams];
    for (const stream of streams) {
      this.streams.delete(stream.id);
      this.counts.streamsActive--;
      if (stream instanceof ServerStream) stream.left(detail);
    }
    if (detail === SLOW_HEAD) this.refused(408, "slow-head", detail);
    else if (code !== H2_ERROR.noError) this.refused(400, errorName(code).toLowerCase().replaceAll("_", "-"), detail);
  }

  roomCame(): void {
    if (this.streams.size > 0) return;
    this.#idleSinceMs = this.heardMs;
    if (this.leaving) this.#endSoon();
  }

  /** Bytes came, the preface in front. They are in memory of their own. */
  readonly take = (bytes: Buffer): void => {
    readOn(this.socket);
    this.lent = false;
    this.#received(bytes, bytes.length);
    // Freed at once where nobody keeps any of it: a fast upload would walk through tens of megabytes of garbage.
    if (!this.lent) freeBytes(bytes);
  };

  /** Of a short read all that is kept is copied, in memory of its own or not. */
  takeInPlace(bytes: Buffer, to: number): boolean {
    if (to >= COPIED_BYTES) return false;
    this.#received(bytes, to);
    return true;
  }

  #received(bytes: Buffer, to: number): void {
    this.hear();
    const from = this.#preface.take(bytes, to);
    if (from < 0) return this.fatal(H2_ERROR.protocolError, "the connection preface is wrong (RFC 9113 3.4)");
    this.intake.read(bytes, from, to);
    this.#begun.handle(this.#handle);
  }

  readonly #handle = (stream: ServerStream): void => this.#owner.handle(stream);

  #open(id: number, head: RequestHead, endStream: boolean): void {
    const whole = endStream ? undefined : this.intake.takeWhole(id);
    if (this.state !== "open") return;
    const ended = endStream || whole !== undefined;
    const { contentLength } = head;
    if (ended && contentLength >= 0 && contentLength !== (whole?.length ?? 0)) {
      this.sendReset(id, H2_ERROR.protocolError);
      return this.refused(400, "content-length", "Content-Length is not that of the content (RFC 9113 8.1.1)");
    }
    const stream = new ServerStream(this, id, head, whole, ended);
    this.streams.add(stream);
    this.counts.streams++;
    this.counts.streamsActive++;
    this.#begun.add(stream);
  }

  /**
   * A stream above the last one of our GOAWAY, which must not grow any more. It was on its way, with its body maybe, and
   * others still run: it is said of it once more that nobody has seen it.
   */
  #refuseLate(id: number, block: Buffer, from: number, to: number): void {
    if (id > this.#lastRefusedId) {
      this.#lastRefusedId = id;
      this.#refuseStream(id, block, from, to);
    } else this.skipBlock(block, from, to);
  }

  #refuseStream(id: number, block: Buffer, from: number, to: number): void {
    if (!this.skipBlock(block, from, to)) return;
    this.counts.refusedStreams++;
    if (this.charge(COST.reset, "streams at once")) return;
    this.sendReset(id, H2_ERROR.refusedStream);
  }

  /** The answer to a head that is well-formed, and not taken. */
  #answerUnread(id: number, status: number, code: string, detail: string, endStream: boolean): void {
    const body = problemBody({ status, code, detail });
    const fits = body.length <= Math.min(this.peerSettings.window, this.sendWindow);
    const length = this.writer.response(status, problemFields(code), fits ? body.length : 0);
    this.output.frame(FRAME.headers, FLAG.endHeaders | (fits ? 0 : FLAG.endStream), id, BLOCK, 0, length);
    if (fits) {
      this.sendWindow -= body.length;
      this.output.text(FLAG.endStream, id, body);
    }
    if (!endStream) this.sendReset(id, H2_ERROR.noError);
  }

  #endSoon(): void {
    this.output.flush();
    this.state = "closing";
    this.socket.end();
  }

  /** The caller's FIN: it cannot send what its streams still need, nor a WINDOW_UPDATE. */
  #ended(): void {
    if (this.state === "open" && this.streams.size === 0) this.#endSoon();
    else if (this.state === "open") this.abort("the caller closed the connection");
    else this.socket.destroySoon();
  }

  #closed(detail: string): void {
    this.gone(detail);
    if (this.socket.destroyed) this.#owner.forget(this);
    else if (this.socket.writableLength > 0) resetSocket(this.socket);
  }
}
