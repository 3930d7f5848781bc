/** More of a block is held for nobody, encoded: a list within its limit is shorter. */
const MOST_BYTES = 80 * 1024;

/** A header block that comes in several frames. Source: RFC 9113 4.3. */
export class HeaderBlock {
  /** More of it is to come. */
  open = false;
  id = 0;
  endStream = false;
  readonly #maxContinuations: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxContinuations: number) {
    this.#maxContinuations = maxContinuations;
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
    if (this.#bytes > MOST_BYTES || this.#parts.length > this.#maxContinuations) return false;
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
