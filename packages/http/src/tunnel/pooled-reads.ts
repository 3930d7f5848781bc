import type { OwnReads, ReadSink } from "./own-reads.ts";

/** What one read brings at most, and so what a reader that stalls holds here. */
const BUFFER_BYTES = 64 * 1024;
/** Kept for the next stream: 4 MiB. */
const KEPT = 64;
/**
 * A read of so many bytes begins a stream; what is shorter is a message, and is copied: 1 us at most. Sent as a latin1
 * string instead, 100 bytes cost the same and 2,000 a microsecond more.
 */
const STREAM_BYTES = 4 * 1024;
/** So many short reads in a row, and it is a stream no more. */
const SHORT_READS = 16;

/** What all read into that own nothing. Nobody holds on to it beyond the callback of a read. */
const SHARED = Buffer.allocUnsafeSlow(BUFFER_BYTES);
const kept: Buffer[] = [];

/**
 * Reads of a dialled socket, for one end of a tunnel: give it to `dial` as `onread`, and to `joinSockets`.
 *
 * A tunnel that waits, or passes messages, owns no memory: it reads where all others do, and what it read is copied.
 * One that streams owns 64 KiB out of a pool, and sends views of them. Source: reference engine 4.
 */
export class PooledReads implements OwnReads {
  #own: Buffer | undefined = undefined;
  #shortReads = 0;
  #sink: ReadSink | undefined = undefined;
  #early: Buffer | undefined = undefined;

  /** Node asks after each read where the next one goes. */
  readonly buffer = (): Buffer => this.#own ?? SHARED;

  /**
   * @param buffer what was read into: Node says it. Another one than `buffer` gave is right, too: the first read of a
   *   connection that only now became a tunnel goes where the one before it was told to
   * @returns false when the socket is to be read no further
   */
  readonly callback = (size: number, buffer: Uint8Array = this.buffer()): boolean => {
    const own = this.#own;
    const bytes = own !== undefined && buffer === own ? own.subarray(0, size) : this.#copied(buffer.subarray(0, size));
    if (this.#sink === undefined) {
      // Its memory may be the next read's, which comes when somebody resumes the socket before it is attached.
      this.#early = this.#early === undefined ? Buffer.from(bytes) : Buffer.concat([this.#early, bytes]);
      return false;
    }
    const free = this.#sink(bytes);
    if (this.#own !== undefined) {
      this.#shortReads = size < STREAM_BYTES ? this.#shortReads + 1 : 0;
      if (free && this.#shortReads >= SHORT_READS) this.release();
    }
    return free;
  };

  attach(sink: ReadSink): void {
    this.#sink = sink;
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) sink(early);
  }

  release(): void {
    if (this.#own !== undefined && kept.length < KEPT) kept.push(this.#own);
    this.#own = undefined;
  }

  /** What stands in memory of others, in memory that a write may hold. */
  #copied(bytes: Uint8Array): Buffer {
    if (bytes.length < STREAM_BYTES || bytes.length > BUFFER_BYTES) return Buffer.from(bytes);
    this.#own ??= kept.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    this.#shortReads = 0;
    this.#own.set(bytes);
    return this.#own.subarray(0, bytes.length);
  }
}
