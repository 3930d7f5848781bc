import type { Socket } from "node:net";
import { AWAITED_MS, SHORT_BYTES } from "../exchange/awaited-body.ts";
import { COST, REFUND } from "./abuse-budget.ts";
import type { ResponseHead } from "../head/response-head.ts";
import { H2_ERROR, PREFACE } from "./frame.ts";
import { ClientStream } from "./client-stream.ts";
import type { Http2ClientOwner } from "./http2-client-owner.ts";
import { Http2Connection, type Http2ConnectionPorts } from "./http2-connection.ts";
import type { Http2Stream } from "./http2-stream.ts";
import { ResetCount } from "./reset-count.ts";
import type { ToldSettings } from "./settings.ts";
import { WithheldResets } from "./withheld-resets.ts";
import { errorWords } from "../dial/error-words.ts";

/** Before the endpoint has said how many streams it takes. Source: RFC 9113 6.5.2, the least that is advised. */
const UNTOLD_STREAMS = 100;
/** Streams that a connection may have given up, and not reset for the sake of the others, and take further ones. */
const MOST_WITHHELD = 100;
/** Ids of a client are odd and below 2^31. */
const LAST_ID = 2 ** 31 - 3;

/** An HTTP/2 connection to an endpoint: a stream for each request, all of them at once. */
export class Http2ClientConnection extends Http2Connection {
  readonly ownReads = false;
  /** Since when no stream is on it, on the policy clock. */
  idleSinceMs: number;
  /** It has reset so many streams that further ones might make the endpoint end it, under all the others. */
  tired = false;
  readonly server = false;

  readonly #owner: Http2ClientOwner;
  readonly #untoldStreams: number;
  readonly #resets: ResetCount;
  readonly #withheld = new WithheldResets();
  #nextId = 1;
  #closingSinceMs = -1;
  #byEndpoint = false;

  /** @param told what the endpoint said of itself on an earlier connection */
  constructor(socket: Socket, owner: Http2ClientOwner, ports: Http2ConnectionPorts, told: ToldSettings) {
    super(socket, ports);
    this.#untoldStreams = Math.min(UNTOLD_STREAMS, told.maxStreams);
    this.peerSettings.maxHeadBytes = told.maxHeadBytes;
    this.#owner = owner;
    this.idleSinceMs = this.heardMs;
    this.#resets = new ResetCount(this.heardMs);
    socket.on("drain", () => this.parked.pump());
    socket.on("end", () => this.#ended());
    socket.on("error", (error) => this.#closed(errorWords(error)));
    socket.on("close", () => this.#closed("the connection was closed"));
    this.output.raw(PREFACE);
    this.start();
  }

  /** Whether it can take a stream now. */
  get hasRoom(): boolean {
    const { size } = this.streams;
    if (!this.usable || this.#nextId > LAST_ID || size >= this.#mostStreams()) return false;
    return !this.tired || this.#holds(size + 1);
  }

  /** Whether it has no room although it is empty. */
  get takesNone(): boolean {
    return this.#mostStreams() === 0 && this.streams.size === 0;
  }

  /** Whether the endpoint goes on with streams that were given up. */
  get withholds(): boolean {
    return this.#withheld.size > 0;
  }

  /** Carries a stream. Only when it has room. */
  carry(stream: ClientStream, nowMs: number): void {
    const id = this.#nextId;
    this.#nextId += 2;
    const afterIdle = id > 1 && this.streams.size === 0;
    this.counts.streams++;
    this.counts.streamsActive++;
    stream.id = id;
    this.streams.add(stream);
    stream.begin(this, id, nowMs, afterIdle);
  }

  /** A stream of which nothing has been sent. Its id is skipped: the next one's HEADERS close it (RFC 9113 5.1.1). */
  withdraw(stream: ClientStream): void {
    if (this.streams.delete(stream.id)) this.counts.streamsActive--;
  }

  /** Bytes were read into memory that the next read fills. */
  received(bytes: Buffer, to: number): void {
    this.hear();
    this.intake.read(bytes, 0, to);
  }

  override sendReset(id: number, code: number): void {
    super.sendReset(id, code);
    if (!this.#resets.add(this.nowMs()) || this.tired) return;
    this.tired = true;
    this.#owner.tired();
  }

  /** Where no other connection takes the next streams, this one is kept: it resets no more than endpoints bear. */
  protected override tellReset(stream: Http2Stream, code: number): void {
    if (!this.tired || this.#owner.rested) return this.sendReset(stream.id, code);
    this.#withheld.add(stream.id, code, stream.localClosed);
    this.#tellWithheld(this.nowMs());
    if (this.#withheld.has(stream.id)) this.counts.resetsWithheld++;
  }

  override wasReset(id: number): boolean {
    return super.wasReset(id) || this.#withheld.has(id);
  }

  override endedUnheard(id: number, byReset: boolean): boolean {
    const ended = this.#withheld.ended(id, byReset);
    if (ended === "wholly") {
      this.budget.giveBack(REFUND.stream);
      this.roomCame();
    }
    return ended !== "no";
  }

  /** Takes leave of the endpoint: no further stream. */
  leave(): void {
    this.sendGoaway(0, H2_ERROR.noError, "");
    this.#owner.retired(this);
    this.retire();
  }

  /** No further stream; ends when the last one is over. */
  retire(): void {
    if (this.leaving) return;
    this.leaving = true;
    if (this.streams.size === 0) this.#endSoon();
  }

  /** Ends it now; its streams fail. */
  abort(why: string, code: number = H2_ERROR.noError): void {
    if (this.state === "open") {
      this.sendGoaway(0, code, "");
      this.output.flush();
    }
    this.#closed(why);
    this.socket.destroy();
  }

  /** Looked at about once a second. */
  sweep(nowMs: number, idleMs: number, keepAliveMs: number): void {
    if (this.state !== "open") {
      if (this.#closingSinceMs < 0) this.#closingSinceMs = nowMs;
      if (nowMs - this.#closingSinceMs > 1_000) this.socket.destroy();
      return;
    }
    if (this.tired) this.#rest(nowMs);
    if (this.unanswered(nowMs)) {
      this.counts.unanswered++;
      const why = "the endpoint no longer answers on this connection (PING, SETTINGS)";
      this.abort(why, H2_ERROR.settingsTimeout);
    } else if (this.streams.size > 0) {
      this.keepAlive(nowMs, keepAliveMs);
    } else if (nowMs - this.idleSinceMs > idleMs) this.leave();
  }

  begun(id: number, block: Buffer, from: number, to: number, endStream: boolean): void {
    if (this.neverBegun(id)) {
      return this.fatal(H2_ERROR.protocolError, "HEADERS on a stream that we have not begun (RFC 9113 5.1)");
    }
    // Of a stream that we have given up, most likely: what still comes of it is on its way (RFC 9113 5.1).
    if (!this.skipBlock(block, from, to)) return;
    const reset = this.wasReset(id);
    if (this.charge(reset ? COST.other : COST.malformed, "frames on closed streams")) return;
    if (reset && endStream) this.endedUnheard(id, false);
  }

  continued(stream: Http2Stream, block: Buffer, from: number, to: number, endStream: boolean): void {
    if (!(stream instanceof ClientStream)) return;
    if (stream.begun) return this.#trailers(stream, block, from, to, endStream);
    const head = this.heads.response(block, from, to);
    if (head.kind === "response") this.#answer(stream, head, endStream ? "" : this.#textOf(stream, head));
    else if (!this.endedBy(head)) stream.malformed(head.kind === "compression" ? "" : head.detail);
  }

  neverBegun(id: number): boolean {
    return id % 2 === 0 || id >= this.#nextId;
  }

  resetByPeer(stream: Http2Stream, code: number): void {
    if (!(stream instanceof ClientStream)) return;
    const refused = code === H2_ERROR.refusedStream;
    if (refused) this.counts.refusedStreams++;
    if (refused && stream.sentTooSoon) this.#owner.again(stream);
    else stream.resetByPeer(code);
  }

  goneAway(lastId: number): void {
    this.leaving = true;
    this.#byEndpoint = true;
    this.#owner.retired(this);
    for (const stream of this.streams) {
      if (stream.id <= lastId || !(stream instanceof ClientStream)) continue;
      this.streams.delete(stream.id);
      this.counts.streamsActive--;
      stream.refusedByGoaway();
    }
    if (this.streams.size === 0) this.#endSoon();
  }

  protected lost(detail: string, code: number): void {
    if (code === H2_ERROR.enhanceYourCalm) this.#owner.flooded(detail);
    this.#owner.retired(this);
    for (const stream of this.streams) {
      this.streams.delete(stream.id);
      this.counts.streamsActive--;
      if (stream instanceof ClientStream) stream.lost(detail);
    }
  }

  roomCame(): void {
    if (this.streams.size === 0) {
      this.idleSinceMs = this.heardMs;
      if (this.leaving) return this.#endSoon();
    }
    this.#owner.roomCame(this);
  }

  /** No getter: V8 goes through its runtime for each use of a private one. */
  #mostStreams(): number {
    return this.peerSettings.known ? this.peerSettings.maxStreams : this.#untoldStreams;
  }

  /** Whether so many streams go with those that the endpoint takes for open. */
  #holds(streams: number): boolean {
    const { size } = this.#withheld;
    return size < MOST_WITHHELD && streams + size <= this.#mostStreams();
  }

  #rest(nowMs: number): void {
    const before = this.#withheld.size;
    this.#tellWithheld(nowMs);
    if (this.#withheld.size === 0 && this.#resets.forgotten(nowMs)) this.tired = false;
    if (this.#withheld.size < before) this.roomCame();
  }

  #tellWithheld(nowMs: number): void {
    while (this.#withheld.size > 0 && this.#resets.bears(nowMs)) this.#withheld.tellOldest(this);
  }

  /** A short body that came whole with the head of its answer. */
  #textOf({ id }: ClientStream, { status }: ResponseHead): string | undefined {
    return status < 200 ? undefined : this.intake.takeText(id, SHORT_BYTES);
  }

  #answer(stream: ClientStream, head: ResponseHead, text: string | undefined): void {
    stream.answer(head, text);
    const { awaited } = stream;
    if (awaited !== undefined) this.#owner.dialOptions.timeouts.of(AWAITED_MS).add(awaited, this.heardMs);
  }

  #trailers(stream: ClientStream, block: Buffer, from: number, to: number, endStream: boolean): void {
    const trailers = this.heads.trailers(block, from, to);
    if ("kind" in trailers) {
      if (!this.endedBy(trailers)) stream.malformed(trailers.kind === "compression" ? "" : trailers.detail);
    } else if (!endStream) stream.malformed("trailers that do not end the stream (RFC 9113 8.1)");
    else if (stream.isTunnel) stream.malformed("HEADERS on a stream that is a tunnel (RFC 9113 8.5)");
    else stream.receiveEnd(trailers);
  }

  #endSoon(): void {
    if (this.state !== "open") return;
    this.output.flush();
    this.state = "closing";
    this.socket.end();
    // Nothing is under way: an endpoint that does not close its side is not waited for.
    this.socket.destroySoon();
  }

  #ended(): void {
    this.#byEndpoint = true;
    this.#closed("closed by the endpoint");
    this.socket.destroy();
  }

  #closed(detail: string): void {
    if (this.state === "open") this.#byEndpoint = true;
    this.gone(detail);
    if (this.socket.destroyed) this.#owner.forget(this, this.#byEndpoint);
  }
}
