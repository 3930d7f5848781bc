import { FRAME_BYTES } from "./frame.ts";

/** So much longer than the longest head that is taken a block may be, encoded, for its request to be answered 431. */
const BEYOND_BYTES = 64 * 1024;

/** A header block that comes in several frames. Source: RFC 9113 4.3. */
export class HeaderBlock {
  /** More of it is to come. */
  open = false;
  id = 0;
  endStream = false;
  readonly #mostBytes: number;
  readonly #mostParts: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  /** @param maxContinuations further frames; more where the longest head needs them */
  constructor(maxContinuations: number, maxHeadBytes: number) {
    this.#mostBytes = maxHeadBytes + BEYOND_BYTES;
    this.#mostParts = 1 + Math.max(maxContinuations, Math.ceil(this.#mostBytes / FRAME_BYTES));
  }

  begin(id: number, endStream: boolean, bytes: Buffer, from: number, to: number): void {
    this.open = true;
    this.id = id;
    this.endStream = endStream;
    this.#parts = [Buffer.from(bytes.subarray(from, to))];
    this.#bytes = to - from;
  }

  /** @returns false when that is more than is taken */
  add(bytes: Buffer, from: number, to: number): boolean {
    this.#bytes += to - from;
    if (this.#bytes > this.#mostBytes || this.#parts.length >= this.#mostParts) return false;
    this.#parts.push(Buffer.from(bytes.subarray(from, to)));
    return true;
  }

  /** @returns the whole block */
  close(): Buffer {
    this.open = false;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    return whole;
  }
}
