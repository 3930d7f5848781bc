import { Buffer } from "node:buffer";
import { freeBytes, WORTH_BYTES } from "../tunnel/free-bytes.ts";

/** Blocks grow with what is kept, up to that size: a piece of one byte must not cost an object. */
const MOST_BLOCK = 16 * 1024;

/** Bytes that wait, copied, in the order they came. Small pieces share a block. */
export class ByteQueue {
  /** How many wait. */
  size = 0;
  readonly #blocks: Buffer[] = [];
  /** Of the first block so many have been taken, and of the last so many are used. */
  #taken = 0;
  #used = 0;

  push(bytes: Buffer, from: number, to: number): void {
    let at = from;
    const last = this.#blocks.at(-1);
    if (last !== undefined && this.#used < last.length) {
      at += bytes.copy(last, this.#used, from, to);
      this.#used += at - from;
    }
    if (at < to) {
      // The first piece is often the only one.
      const room = this.size === 0 ? to - at : Math.max(to - at, Math.min(MOST_BLOCK, this.size * 2));
      // A slice of Node's pool could not be freed by itself.
      const block = room < WORTH_BYTES ? Buffer.allocUnsafe(room) : Buffer.allocUnsafeSlow(room);
      this.#used = bytes.copy(block, 0, at, to);
      this.#blocks.push(block);
    }
    this.size += to - from;
  }

  /** All of it, when it came as one piece and nothing was taken out; else undefined. */
  get whole(): Buffer | undefined {
    const [first] = this.#blocks;
    return first !== undefined && first.length === this.size ? first : undefined;
  }

  /** What came first, in one piece; empty when nothing waits. Valid until more is pushed. */
  get first(): Buffer {
    const [first, second] = this.#blocks;
    if (first === undefined) return NOTHING;
    return first.subarray(this.#taken, second === undefined ? this.#used : first.length);
  }

  /** Takes out so many bytes of `first`. @returns the block that nothing waits in any more, if it came to that */
  take(count: number): Buffer | undefined {
    this.#taken += count;
    this.size -= count;
    const [first, second] = this.#blocks;
    if (first === undefined || this.#taken < (second === undefined ? this.#used : first.length)) return undefined;
    this.#taken = 0;
    return this.#blocks.shift();
  }

  /** Takes out bytes that nobody looks at any more: a block is freed at once, and not when garbage is collected. */
  drop(count: number): void {
    const block = this.take(count);
    if (block !== undefined) freeBytes(block);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
