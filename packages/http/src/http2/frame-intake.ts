import { NO_FIELDS } from "../head/fields.ts";
import { COST } from "./abuse-budget.ts";
import { ControlFrames } from "./control-frames.ts";
import { FLAG, FRAME, H2_ERROR, read31 } from "./frame.ts";
import { type FrameHandler, FrameReader } from "./frame-reader.ts";
import { HeaderBlock } from "./header-block.ts";
import type { Http2Connection } from "./http2-connection.ts";
import type { Http2Stream } from "./http2-stream.ts";

/**
 * Takes the frames of a peer: which may come when, and to which stream. Every rule of RFC 9113 5 and 6 that has an
 * error of its own is checked here or in `ControlFrames`; what a head says, by whoever reads it.
 */
export class FrameIntake implements FrameHandler {
  readonly #connection: Http2Connection;
  readonly #reader: FrameReader = new FrameReader(this);
  readonly #control: ControlFrames;
  readonly #block: HeaderBlock;
  /** What the peer may still send of all streams, and what it has sent since it was last told of more. */
  #windowLeft: number;
  #uncredited = 0;
  /** The stream of the DATA that is being read; undefined: nobody wants it. */
  #data: Http2Stream | undefined = undefined;
  #dataFlags = 0;

  constructor(connection: Http2Connection) {
    this.#connection = connection;
    this.#control = new ControlFrames(connection);
    this.#block = new HeaderBlock(connection.limits.maxContinuations, connection.headLimits.maxHeadBytes);
    this.#windowLeft = connection.limits.connectionWindow;
  }

  /** Whether the rest of a header block, or of a frame other than DATA, is waited for. */
  get insideHead(): boolean {
    return this.#block.open || this.#reader.insideFrame;
  }

  read(bytes: Buffer, from: number, to: number): void {
    if (!this.deaf) this.#reader.read(bytes, from, to);
  }

  /** Takes a body that came whole with its head, copied; undefined when it did not. */
  takeWhole(id: number): Buffer | undefined {
    const length = this.#reader.lastDataBytes(id);
    return length > 0 && this.#takeWindow(length) ? this.#reader.takeData(length) : undefined;
  }

  /** The same of one that has `mostBytes` at most, as text, a character for each byte. */
  takeText(id: number, mostBytes: number): string | undefined {
    const length = this.#reader.lastDataBytes(id);
    return length > 0 && length <= mostBytes && this.#takeWindow(length) ? this.#reader.takeText(length) : undefined;
  }

  // What the reader calls.

  get deaf(): boolean {
    return this.#connection.deaf;
  }

  tooLong(length: number): void {
    const { peerSettings } = this.#connection;
    if (peerSettings.known) this.#fatal(H2_ERROR.frameSizeError, `a frame of ${length} bytes (RFC 9113 4.2)`);
    else this.#fatal(H2_ERROR.protocolError, "the peer does not speak HTTP/2: its first bytes are no frame");
  }

  frame(type: number, flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    const first = !this.#connection.peerSettings.known;
    if (first && (type !== FRAME.settings || (flags & FLAG.ack) !== 0)) return this.#notSettings();
    if (this.#block.open && (type !== FRAME.continuation || id !== this.#block.id)) return this.#interrupted();
    switch (type) {
      case FRAME.headers:
        return this.#headers(flags, id, bytes, from, to);
      case FRAME.data:
        return this.#padded(flags, id, bytes, from, to);
      case FRAME.continuation:
        return this.#continuation(flags, bytes, from, to);
      default:
        return this.#control.take(type, flags, id, bytes, from, to);
    }
  }

  dataBegins(id: number, flags: number, length: number): void {
    const connection = this.#connection;
    this.#data = undefined;
    this.#dataFlags = flags;
    if (!connection.peerSettings.known) return this.#notSettings();
    if (this.#block.open) return this.#interrupted();
    if (!this.#takeWindow(length)) return;
    const stream = connection.streams.get(id);
    if (stream === undefined) return this.#strayData(id, length);
    if (stream.remoteClosed) return behindEnd(stream);
    if (!stream.begun) return stream.malformed("DATA before the head of the answer (RFC 9113 8.1)");
    if (length > stream.windowLeft) {
      const detail = "more content than the window of the stream (RFC 9113 6.9.1)";
      return stream.malformed(detail, H2_ERROR.flowControlError);
    }
    const idle = length === 0 && (flags & FLAG.endStream) === 0;
    if (idle && connection.charge(COST.empty, "empty DATA frames")) return;
    stream.windowLeft -= length;
    this.#data = stream;
  }

  dataComes(bytes: Buffer, from: number, to: number): void {
    this.#data?.receive(bytes, from, to);
  }

  dataEnds(): void {
    const stream = this.#data;
    this.#data = undefined;
    if (stream === undefined || (this.#dataFlags & FLAG.endStream) === 0) return;
    // What came of its bytes may have been the stream's end.
    if (this.#connection.streams.get(stream.id) === stream) stream.receiveEnd(NO_FIELDS);
  }

  /** @returns false when the connection's window is exceeded, which is its end */
  #takeWindow(length: number): boolean {
    const { output, limits } = this.#connection;
    this.#windowLeft -= length;
    if (this.#windowLeft < 0) {
      this.#fatal(H2_ERROR.flowControlError, "more content than the window of the connection (RFC 9113 6.9.1)");
      return false;
    }
    // Credited as it comes: what a stream may hold is bounded by its own window.
    this.#uncredited += length;
    if (this.#uncredited * 2 < limits.connectionWindow) return true;
    output.number(FRAME.windowUpdate, 0, this.#uncredited);
    this.#windowLeft += this.#uncredited;
    this.#uncredited = 0;
    return true;
  }

  #padded(flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    if (to === from) return this.#fatal(H2_ERROR.frameSizeError, "padded DATA without a length (RFC 9113 4.2)");
    const padding = bytes[from]!;
    if (id === 0 || padding >= to - from) {
      return this.#fatal(H2_ERROR.protocolError, "DATA on stream 0, or with more padding than payload (RFC 9113 6.1)");
    }
    this.dataBegins(id, flags, to - from);
    const stream = this.#data;
    if (stream === undefined) return;
    const content = to - from - 1 - padding;
    stream.receivePadding(padding + 1);
    if (content > 0) this.dataComes(bytes, from + 1, to - padding);
    else if ((flags & FLAG.endStream) === 0 && this.#connection.charge(COST.empty, "empty DATA frames")) return;
    this.dataEnds();
  }

  #strayData(id: number, length: number): void {
    const connection = this.#connection;
    if (id === 0 || connection.neverBegun(id)) {
      return this.#fatal(H2_ERROR.protocolError, "DATA on stream 0, or on one that is idle (RFC 9113 5.1, 6.1)");
    }
    // What is on its way of a stream that we reset is nobody's fault, but for frames that bring nothing.
    const reset = connection.wasReset(id);
    if (reset && (this.#dataFlags & FLAG.endStream) !== 0 && connection.endedUnheard(id, false)) return;
    const cost = reset ? (length === 0 ? COST.empty : 0) : COST.malformed;
    if (connection.charge(cost, "frames on closed streams") || reset) return;
    connection.sendReset(id, H2_ERROR.streamClosed);
  }

  #headers(flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    let start = from;
    let end = to;
    if ((flags & FLAG.padded) !== 0) {
      if (from === to) return this.#fatal(H2_ERROR.frameSizeError, "padded HEADERS without a length (RFC 9113 4.2)");
      end -= bytes[start++]!;
    }
    if ((flags & FLAG.priority) !== 0) {
      if (end - start >= 5 && read31(bytes, start) === id) {
        return this.#fatal(H2_ERROR.protocolError, "a stream that depends on itself (RFC 9113 5.3.1)");
      }
      start += 5;
    }
    if (id === 0) return this.#fatal(H2_ERROR.protocolError, "HEADERS on stream 0 (RFC 9113 6.2)");
    if (start > end) {
      const code = (flags & FLAG.padded) === 0 ? H2_ERROR.frameSizeError : H2_ERROR.protocolError;
      return this.#fatal(code, "HEADERS shorter than their padding and priority (RFC 9113 6.2)");
    }
    // An endpoint answers as often as it was asked: what it sends beside that is charged where it turns out.
    if (this.#connection.server && this.#connection.charge(COST.other, "HEADERS")) return;
    const endStream = (flags & FLAG.endStream) !== 0;
    if ((flags & FLAG.endHeaders) !== 0) this.#whole(id, bytes, start, end, endStream);
    else this.#block.begin(id, endStream, bytes, start, end);
  }

  #continuation(flags: number, bytes: Buffer, from: number, to: number): void {
    const block = this.#block;
    if (!block.open) return this.#fatal(H2_ERROR.protocolError, "CONTINUATION of nothing (RFC 9113 6.10)");
    const what = "CONTINUATION frames";
    if (this.#connection.charge(to === from ? COST.empty : COST.other, what)) return;
    if (!block.add(bytes, from, to)) return void this.#connection.charge(Number.POSITIVE_INFINITY, what);
    if ((flags & FLAG.endHeaders) === 0) return;
    const whole = block.close();
    this.#whole(block.id, whole, 0, whole.length, block.endStream);
  }

  #whole(id: number, bytes: Buffer, from: number, to: number, endStream: boolean): void {
    const connection = this.#connection;
    const stream = connection.streams.get(id);
    if (stream === undefined) connection.begun(id, bytes, from, to, endStream);
    else if (!stream.remoteClosed) connection.continued(stream, bytes, from, to, endStream);
    else if (connection.skipBlock(bytes, from, to)) behindEnd(stream);
  }

  #notSettings(): void {
    this.#fatal(H2_ERROR.protocolError, "the first frame is not SETTINGS (RFC 9113 3.4)");
  }

  #interrupted(): void {
    this.#fatal(H2_ERROR.protocolError, "a header block was interrupted (RFC 9113 6.2)");
  }

  #fatal(code: number, detail: string): void {
    this.#connection.fatal(code, detail);
  }
}

function behindEnd(stream: Http2Stream): void {
  stream.malformed("a frame behind the end of the stream (RFC 9113 5.1)", H2_ERROR.streamClosed);
}
