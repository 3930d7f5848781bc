/** In front of each message: a byte of flags, and its length in four. Source: gRPC over HTTP/2, "Length-Prefixed-Message". */
export const FRAME_HEAD_BYTES = 5;

/**
 * Follows the frames of an answer, to know whether one has just ended: trailers may stand there, and not inside a
 * message. Flags and messages pass by; of a head that came in part, its length so far is remembered.
 */
export class MessageFrames {
  /** What of the next head came already. */
  #headBytes = 0;
  #length = 0;
  /** What of the message is still to come. */
  #left = 0;

  /** Whether the bytes so far are whole frames. */
  get atBoundary(): boolean {
    return this.#headBytes === 0 && this.#left === 0;
  }

  read(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, bytes.length - at);
        this.#left -= passed;
        at += passed;
        continue;
      }
      // The first byte is the flags.
      this.#length = this.#headBytes === 0 ? 0 : this.#length * 256 + bytes[at]!;
      at++;
      this.#headBytes = (this.#headBytes + 1) % FRAME_HEAD_BYTES;
      if (this.#headBytes === 0) this.#left = this.#length;
    }
  }
}
