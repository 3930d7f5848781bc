import { latin1 } from "../head/latin1.ts";
import { copyOf } from "../wire/copy-of.ts";
import { FLAG, FRAME, FRAME_BYTES, FRAME_HEAD, read31 } from "./frame.ts";

/** Who takes the frames. */
export interface FrameHandler {
  /** Nothing more is taken: the connection has ended. */
  readonly deaf: boolean;
  /** A whole frame, other than DATA without padding. The payload lies in [from, to) and is valid during the call. */
  frame(type: number, flags: number, id: number, bytes: Buffer, from: number, to: number): void;
  /** A DATA frame without padding begins. @param length of its payload */
  dataBegins(id: number, flags: number, length: number): void;
  /** A piece of its payload, valid during the call. */
  dataComes(bytes: Buffer, from: number, to: number): void;
  dataEnds(): void;
  /** A frame is longer than was allowed: the connection ends. */
  tooLong(length: number): void;
}

/**
 * Cuts what is read into frames. DATA is handed on as it comes; every other frame when it is whole, without a copy when
 * it came in one read.
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  /** What is being read, and up to where; for those who look at the frame behind the one they were given. */
  #bytes: Buffer;
  #at = 0;
  #to = 0;
  /** The beginning of a frame that has not come whole. */
  #held: Buffer | undefined = undefined;
  #heldBytes = 0;
  #inData = false;
  #dataLeft = 0;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
    this.#bytes = Buffer.alloc(0);
  }

  /** Whether it waits for the rest of a frame other than DATA. */
  get insideFrame(): boolean {
    return this.#heldBytes > 0;
  }

  read(bytes: Buffer, from: number, to: number): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
    if (this.#heldBytes > 0) this.#fill();
    while (!this.#handler.deaf && this.#at < to) {
      if (this.#inData) this.#data();
      else if (!this.#frame()) break;
    }
    if (!this.#handler.deaf && this.#at < to) this.#hold(bytes, this.#at, to);
  }

  /**
   * Looks at the frame that follows: whether it is DATA of that stream, ends it, has no padding, and is whole. Most
   * messages with a short body come so.
   *
   * @returns bytes of its payload, at least 1; -1 when the next frame is another one
   */
  lastDataBytes(id: number): number {
    const bytes = this.#bytes;
    const at = this.#at;
    if (this.#to - at < FRAME_HEAD || bytes[at + 3] !== FRAME.data) return -1;
    const flags = bytes[at + 4]!;
    if ((flags & FLAG.endStream) === 0 || (flags & FLAG.padded) !== 0) return -1;
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (at + FRAME_HEAD + length > this.#to || length > FRAME_BYTES || length === 0) return -1;
    return read31(bytes, at + 5) === id ? length : -1;
  }

  /** Takes the payload of the frame that `lastDataBytes` has seen, copied. */
  takeData(length: number): Buffer {
    const from = this.#at + FRAME_HEAD;
    this.#at = from + length;
    return copyOf(this.#bytes, from, this.#at);
  }

  /** The same as text, a character for each byte. */
  takeText(length: number): string {
    const from = this.#at + FRAME_HEAD;
    this.#at = from + length;
    return latin1(this.#bytes, from, this.#at);
  }

  /** @returns false when the rest of the frame has not come */
  #frame(): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    if (this.#to - at < FRAME_HEAD) return false;
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    const type = bytes[at + 3]!;
    const flags = bytes[at + 4]!;
    const id = read31(bytes, at + 5);
    if (length > FRAME_BYTES) {
      this.#handler.tooLong(length);
      return false;
    }
    if (type === FRAME.data && (flags & FLAG.padded) === 0) {
      this.#at = at + FRAME_HEAD;
      this.#beginData(id, flags, length);
      return true;
    }
    const end = at + FRAME_HEAD + length;
    if (end > this.#to) return false;
    this.#at = end;
    this.#handler.frame(type, flags, id, bytes, at + FRAME_HEAD, end);
    return true;
  }

  #beginData(id: number, flags: number, length: number): void {
    this.#inData = true;
    this.#dataLeft = length;
    this.#handler.dataBegins(id, flags, length);
    if (length === 0) this.#endData();
  }

  #data(): void {
    const from = this.#at;
    const end = Math.min(this.#to, from + this.#dataLeft);
    this.#at = end;
    this.#dataLeft -= end - from;
    this.#handler.dataComes(this.#bytes, from, end);
    if (this.#dataLeft === 0) this.#endData();
  }

  #endData(): void {
    this.#inData = false;
    this.#handler.dataEnds();
  }

  #hold(bytes: Buffer, from: number, to: number): void {
    const held = (this.#held ??= Buffer.allocUnsafe(FRAME_HEAD + FRAME_BYTES));
    bytes.copy(held, 0, from, to);
    this.#heldBytes = to - from;
    this.#at = to;
  }

  /** Goes on with the frame whose beginning is held. */
  #fill(): void {
    const held = this.#held!; // made when something was held
    if (!this.#fillTo(held, FRAME_HEAD)) return;
    const length = held.readUIntBE(0, 3);
    const type = held[3]!;
    const flags = held[4]!;
    const id = read31(held, 5);
    if (length > FRAME_BYTES) {
      this.#heldBytes = 0;
      this.#handler.tooLong(length);
      return;
    }
    if (type === FRAME.data && (flags & FLAG.padded) === 0) {
      this.#heldBytes = 0;
      this.#beginData(id, flags, length);
      return;
    }
    if (!this.#fillTo(held, FRAME_HEAD + length)) return;
    this.#heldBytes = 0;
    // The handler may end in a read of its own: what is held is its until then.
    this.#handler.frame(type, flags, id, held, FRAME_HEAD, FRAME_HEAD + length);
  }

  #fillTo(held: Buffer, wanted: number): boolean {
    const missing = wanted - this.#heldBytes;
    if (missing <= 0) return true;
    const end = Math.min(this.#to, this.#at + missing);
    this.#bytes.copy(held, this.#heldBytes, this.#at, end);
    this.#heldBytes += end - this.#at;
    this.#at = end;
    return this.#heldBytes === wanted;
  }
}
