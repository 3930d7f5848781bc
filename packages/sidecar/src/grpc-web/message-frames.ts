/** In front of each message: a byte of flags, and its length in four. Source: gRPC over HTTP/2, "Length-Prefixed-Message". */
export const FRAME_HEAD_BYTES = 5;
/** Of the flags: the frame holds trailers, and no message. Source: gRPC PROTOCOL-WEB. */
export const TRAILER_FLAG = 0x80;

/**
 * Follows the frames of an answer's messages, to know whether one has just ended. The messages pass by; of a head that
 * came in part, four bytes are remembered.
 */
export class MessageFrames {
  /** What of the next head came already. */
  #headBytes = 0;
  #length = 0;
  /** What of the message is still to come. */
  #left = 0;

  /** Whether the bytes so far are whole messages. */
  get atBoundary(): boolean {
    return this.#headBytes === 0 && this.#left === 0;
  }

  /** @returns false when a frame claims to be one of trailers: gRPC knows none, and a reader of gRPC-Web would believe it */
  read(bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, bytes.length - at);
        this.#left -= passed;
        at += passed;
        continue;
      }
      const byte = bytes[at++]!;
      if (this.#headBytes === 0 && (byte & TRAILER_FLAG) !== 0) return false;
      this.#length = this.#headBytes === 0 ? 0 : this.#length * 256 + byte;
      this.#headBytes = (this.#headBytes + 1) % FRAME_HEAD_BYTES;
      if (this.#headBytes === 0) this.#left = this.#length;
    }
    return true;
  }
}
