import type { Fields } from "../head/fields.ts";
import { BLOCK } from "../http2-head/head-writer.ts";
import type { BodySink, BodySource } from "../wire/body.ts";
import { REFUND } from "./abuse-budget.ts";
import { ByteQueue } from "./byte-queue.ts";
import { FLAG, FRAME, FRAME_BYTES } from "./frame.ts";
import { hold, letGo } from "./held-bytes.ts";
import type { Http2Connection } from "./http2-connection.ts";

/**
 * What one stream sends: its half of RFC 9113 5 and 6.9. A body is copied into the connection's output as far as the
 * windows let it; the rest waits here, copied as well, and the source is told to stop.
 */
export abstract class OutgoingStream implements BodySink {
  readonly takesChunks = false;
  readonly keeps = false;
  id = 0;
  /** How much the peer takes of this stream. Negative after it has made its windows smaller (RFC 9113 6.9.2). */
  sendWindow = 0;
  /** Bytes of the body so far. */
  bytesOut = 0;
  /** END_STREAM was sent, or the stream was reset. */
  localClosed = false;
  /** Since when what waits here has not moved, for the sweep; 0: nothing has waited when it last looked. */
  stalledSinceMs = 0;
  stalledAt = 0;

  /** It stands among those of its connection that wait. */
  parked = false;

  /** Whose body is being sent. */
  protected source: BodySource | undefined = undefined;
  #pending: ByteQueue | undefined = undefined;
  /** The body is complete, and waits for what is pending. */
  #trailers: Fields | undefined = undefined;
  /** Where the flags of the last frame stand, while it has not left. */
  #flagsAt = 0;
  #epoch = -1;

  #connection: Http2Connection | undefined = undefined;

  /** The connection that carries it. Nothing is sent or received before there is one. */
  get connection(): Http2Connection {
    return this.#connection!;
  }

  protected get bound(): boolean {
    return this.#connection !== undefined;
  }

  protected bind(connection: Http2Connection, id: number): void {
    this.#connection = connection;
    this.id = id;
    this.sendWindow = connection.peerSettings.window;
  }

  /** The last byte of ours was handed to the connection. */
  protected abstract sent(): void;
  /** All connections hold too much: this stream ends. */
  protected abstract tooMuchHeld(): void;

  /** Whether something waits for the peer. */
  get waits(): boolean {
    return this.#pending !== undefined;
  }

  protected get pendingBytes(): number {
    return this.#pending?.size ?? 0;
  }

  write(bytes: Buffer): boolean {
    return this.writeRange(bytes, 0, bytes.length);
  }

  /** The same of a part of `bytes`, without a view made of it. */
  writeRange(bytes: Buffer, from: number, to: number): boolean {
    if (this.localClosed || this.#trailers !== undefined) return true;
    const at = this.#pending !== undefined ? from : from + this.#send(bytes, from, to);
    if (at === to) return true;
    this.#keep(bytes, at, to);
    return false;
  }

  end(trailers: Fields): void {
    if (this.localClosed || this.#trailers !== undefined) return;
    if (this.#pending !== undefined) this.#trailers = trailers;
    else {
      this.#end(trailers);
      this.sent();
    }
  }

  abstract fail(reason: unknown): void;

  /** A header block that was written to BLOCK, with what of it one frame does not hold. */
  protected sendBlock(length: number, endStream: boolean): void {
    const { output } = this.connection;
    const flags = endStream ? FLAG.endStream : 0;
    if (length <= FRAME_BYTES) {
      this.#flagsAt = output.frame(FRAME.headers, flags | FLAG.endHeaders, this.id, BLOCK, 0, length);
    } else {
      this.#flagsAt = output.frame(FRAME.headers, flags, this.id, BLOCK, 0, FRAME_BYTES);
      for (let at = FRAME_BYTES; at < length; at += FRAME_BYTES) {
        const to = Math.min(length, at + FRAME_BYTES);
        output.frame(FRAME.continuation, to === length ? FLAG.endHeaders : 0, this.id, BLOCK, at, to);
      }
    }
    // The first of several frames may have left already.
    this.#epoch = length <= FRAME_BYTES ? output.epoch : -1;
    if (endStream) this.localClosed = true;
  }

  /** A whole body that is text. @returns false when the windows do not let it through at once */
  protected sendText(text: string): boolean {
    const { connection } = this;
    const { length } = text;
    if (
      length > FRAME_BYTES ||
      length > this.sendWindow ||
      length > connection.sendWindow ||
      connection.output.clogged
    ) {
      return false;
    }
    this.sendWindow -= length;
    connection.sendWindow -= length;
    this.bytesOut = length;
    connection.output.text(FLAG.endStream, this.id, text);
    this.localClosed = true;
    return true;
  }

  /** The peer takes more, of this stream or of the connection. @returns whether a frame was sent */
  pump(): boolean {
    const pending = this.#pending;
    if (pending === undefined) return false;
    const { first } = pending;
    const sent = this.#send(first, 0, Math.min(first.length, FRAME_BYTES));
    if (sent === 0) return false;
    pending.drop(sent);
    letGo(sent);
    if (pending.size > 0) return true;
    this.#pending = undefined;
    const trailers = this.#trailers;
    if (trailers === undefined) this.source?.resume();
    else {
      this.#trailers = undefined;
      this.#end(trailers);
      this.sent();
    }
    return true;
  }

  /** Nothing more is sent: the stream is reset, or its connection gone. */
  protected dropPending(): void {
    this.localClosed = true;
    letGo(this.pendingBytes);
    this.#pending = undefined;
    this.#trailers = undefined;
  }

  #end(trailers: Fields): void {
    const { output, writer } = this.connection;
    this.localClosed = true;
    if (!trailers.empty) {
      const length = writer.trailers(trailers);
      // Trailers came within the limits of a head, and BLOCK holds more than that.
      if (length >= 0) return this.sendBlock(length, true);
    }
    if (this.#epoch === output.epoch) output.addFlag(this.#flagsAt, FLAG.endStream);
    else output.frame(FRAME.data, FLAG.endStream, this.id, BLOCK, 0, 0);
  }

  /** @returns how many of the bytes were sent */
  #send(bytes: Buffer, from: number, to: number): number {
    const { connection } = this;
    const { output } = connection;
    if (output.clogged) return 0;
    let at = from;
    while (at < to) {
      const count = Math.min(to - at, this.sendWindow, connection.sendWindow, FRAME_BYTES);
      if (count <= 0) break;
      this.#flagsAt = output.frame(FRAME.data, 0, this.id, bytes, at, at + count);
      this.#epoch = output.epoch;
      this.sendWindow -= count;
      connection.sendWindow -= count;
      at += count;
    }
    if (at === from) return 0;
    this.bytesOut += at - from;
    connection.budget.giveBack(REFUND.data);
    return at - from;
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    if (!hold(to - from)) return this.tooMuchHeld();
    const waited = this.#pending !== undefined;
    (this.#pending ??= new ByteQueue()).push(bytes, from, to);
    if (!waited) this.connection.park(this);
  }
}
