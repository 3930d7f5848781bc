import { type Fields, NO_FIELDS } from "../head/fields.ts";
import { latin1 } from "../head/latin1.ts";
import type { BodySink, BodySource } from "../wire/body.ts";
import { copyOf } from "../wire/copy-of.ts";
import { FRAME } from "./frame.ts";
import type { Http2Connection } from "./http2-connection.ts";
import { ByteQueue } from "./byte-queue.ts";
import { hold, letGo } from "./held-bytes.ts";
import { OutgoingStream } from "./outgoing-stream.ts";

/** Below so many bytes a piece that is kept is copied: it would hold all of what was read with it. */
export const COPIED_BYTES: number = 4 * 1024;

/**
 * One stream with both halves. What it receives it hands to a sink by direct calls, and credits to the peer when the
 * sink has passed it on: so a sink that stalls holds one window, and nobody else's.
 */
export abstract class Http2Stream extends OutgoingStream implements BodySource {
  /** What Content-Length says; -1: it does not. */
  length = -1;
  readonly chunked = false;
  readonly room = 0;
  /** Bytes of content so far. */
  bytesReceived = 0;
  /** The peer has sent END_STREAM. */
  remoteClosed = false;
  /** What the peer may still send of this stream. */
  windowLeft = 0;
  /** Fields behind the body, once it has ended. */
  trailers: Fields | undefined = undefined;

  #window = 0;
  /** Received and passed on, and not credited yet. */
  #uncredited = 0;
  #creditedMs = 0;
  #sink: BodySink | undefined = undefined;
  /** What came before anybody read. */
  #early: ByteQueue | undefined = undefined;
  #lent = false;
  #incoming: "receiving" | "complete" | "broken" | "unwanted" = "receiving";
  #failure: unknown = undefined;

  protected override bind(connection: Http2Connection, id: number): void {
    super.bind(connection, id);
    this.#window = connection.limits.streamWindow;
    this.windowLeft = this.#window;
  }

  /** The last byte came, and nobody else has been told yet. */
  protected abstract completed(): void;
  /** What came breaks a rule of its own stream. @param code PROTOCOL_ERROR when absent */
  abstract malformed(detail: string, code?: number): void;

  /** Whether it waits for the peer, and not the peer for us. */
  get flowing(): boolean {
    return this.#sink !== undefined && !this.#lent && this.#incoming === "receiving";
  }

  /** Whether more of the body may come. */
  protected get receiving(): boolean {
    return this.#incoming === "receiving";
  }

  /** A piece of DATA, valid during the call. Its windows were accounted for when the frame began. */
  receive(bytes: Buffer, from: number, to: number): void {
    const count = to - from;
    this.bytesReceived += count;
    if (this.length >= 0 && this.bytesReceived > this.length) {
      return this.malformed("more content than Content-Length says (RFC 9113 8.1.1)");
    }
    const sink = this.#sink;
    if (sink !== undefined) this.#give(sink, bytes, from, to);
    else if (this.#incoming === "receiving" && !hold(count)) this.tooMuchHeld();
    else if (this.#incoming === "receiving") (this.#early ??= new ByteQueue()).push(bytes, from, to);
  }

  /** So much of what came is nobody's to pass on. */
  receivePadding(count: number): void {
    this.#credit(count);
  }

  /** END_STREAM came. */
  receiveEnd(trailers: Fields): void {
    this.remoteClosed = true;
    if (this.length >= 0 && this.bytesReceived !== this.length && this.mayHaveContent()) {
      return this.malformed("less content than Content-Length says (RFC 9113 8.1.1)");
    }
    if (this.#incoming !== "receiving") return this.connection.settle(this);
    // Counted while more may come: of what is complete, the reader comes soon or never.
    letGo(this.#early?.size ?? 0);
    this.#incoming = "complete";
    if (!trailers.empty) this.trailers = trailers;
    this.completed();
    this.#sink?.end(trailers);
    this.connection.settle(this);
  }

  /** Whether content may come: what it belongs to has a head. */
  get begun(): boolean {
    return true;
  }

  /** Whether its length must be that of its content: not so to HEAD, nor with 304. */
  protected mayHaveContent(): boolean {
    return true;
  }

  /** No more will come. */
  protected broke(reason: unknown): void {
    if (this.#incoming !== "receiving") return;
    this.#dropEarly();
    this.#incoming = "broken";
    this.#failure = reason;
    this.#sink?.fail(reason);
  }

  attach(sink: BodySink): void {
    if (this.#incoming === "broken") return sink.fail(this.#failure);
    this.#sink = sink;
    const early = this.#early;
    this.#dropEarly();
    while (early !== undefined && early.size > 0 && this.#sink === sink) {
      const { first } = early;
      early.take(first.length);
      this.#give(sink, first, 0, first.length);
    }
    if (this.#incoming === "complete") sink.end(this.trailers ?? NO_FIELDS);
  }

  resume(): void {
    if (!this.#lent) return;
    this.#lent = false;
    this.#credit(0);
  }

  abstract cancel(reason: unknown): void;

  /** The body in one piece, when it is complete, came so, and nobody has begun to read it; else undefined. */
  protected takeWhole(): Buffer | undefined {
    const whole = this.#incoming === "complete" ? this.#early?.whole : undefined;
    if (whole !== undefined) this.#early = undefined;
    return whole;
  }

  /** Takes what has come and nobody has begun to read, a character for each byte. */
  protected takeText(): string {
    const early = this.#early;
    this.#dropEarly();
    let text = "";
    while (early !== undefined && early.size > 0) {
      const { first } = early;
      text += latin1(first, 0, first.length);
      early.take(first.length);
    }
    return text;
  }

  /** Nobody reads on: what still comes is thrown away, and not credited. */
  protected unwanted(reason: unknown): void {
    this.#sink = undefined;
    this.#dropEarly();
    if (this.#incoming !== "receiving") return;
    this.#incoming = "unwanted";
    this.#failure = reason;
  }

  #dropEarly(): void {
    if (this.#incoming === "receiving") letGo(this.#early?.size ?? 0);
    this.#early = undefined;
  }

  #give(sink: BodySink, bytes: Buffer, from: number, to: number): void {
    const count = to - from;
    if (sink instanceof OutgoingStream ? sink.writeRange(bytes, from, to) : this.#write(sink, bytes, from, to)) {
      this.#credit(count);
      return;
    }
    this.#lent = true;
    this.#uncredited += count;
  }

  #write(sink: BodySink, bytes: Buffer, from: number, to: number): boolean {
    if (sink.keeps && (!this.connection.ownReads || to - from < COPIED_BYTES)) {
      return sink.write(copyOf(bytes, from, to));
    }
    if (sink.keeps) this.connection.lent = true;
    return sink.write(bytes.subarray(from, to));
  }

  /** So many more were passed on. The peer hears of it when half a window has come together. */
  #credit(count: number): void {
    this.#uncredited += count;
    if (this.#uncredited * 2 < this.#window || this.#lent || this.remoteClosed || this.#incoming !== "receiving")
      return;
    const { connection } = this;
    const more = this.#uncredited + this.#growth();
    this.#uncredited = 0;
    this.windowLeft += more;
    connection.output.number(FRAME.windowUpdate, this.id, more);
  }

  /** A window that is turned over within two round trips is what limits the stream: it doubles. */
  #growth(): number {
    const { connection } = this;
    const nowMs = connection.nowMs();
    const tookMs = nowMs - this.#creditedMs;
    this.#creditedMs = nowMs;
    const { mostStreamWindow } = connection.limits;
    if (tookMs > 2 * connection.roundTripMs || this.#window >= mostStreamWindow) return 0;
    const growth = Math.min(this.#window, mostStreamWindow - this.#window);
    this.#window += growth;
    return growth;
  }
}
