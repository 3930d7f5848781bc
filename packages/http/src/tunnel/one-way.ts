import type { Duplex } from "node:stream";
import { freeBytes } from "./free-bytes.ts";
import type { OwnReads } from "./own-reads.ts";

const NOTHING = Buffer.alloc(0);

/**
 * One of a tunnel's two directions: what `from` receives is written to `to`, and its end ends `to`.
 *
 * While the kernel takes all that is written, nothing is held here. When it does not, `from` is read no further until
 * it has: what was read last is then all that is held, and with `data` events what Node had read ahead of it.
 *
 * Did not pay, in CPU per byte beside this: to stop only when `write` says so; two buffers of 32 KiB, filled in turn.
 * Reads of 256 KiB would save a sixth, and hold four times as much for each reader that stalls.
 */
export class OneWay {
  /** Read so far, the early bytes among them. */
  bytes = 0;
  readonly #from: Duplex;
  readonly #to: Duplex;
  #waiting = false;
  /** What a `data` event brought and a write holds. */
  #held: Buffer | undefined = undefined;

  constructor(from: Duplex, to: Duplex) {
    this.#from = from;
    this.#to = to;
  }

  /** @param early to be sent before anything that is read */
  start(early: Buffer | undefined, reads: OwnReads | undefined): void {
    const from = this.#from;
    this.#to.on("drain", this.#flushed);
    if (early !== undefined && early.length > 0) this.#send(early);
    if (reads === undefined) from.on("data", this.#received);
    else reads.attach(this.#send);
    if (from.readableEnded) this.#ended();
    else from.on("end", this.#ended);
    if (this.#waiting) from.pause();
    else from.resume();
  }

  readonly #send = (bytes: Buffer): boolean => {
    const to = this.#to;
    this.bytes += bytes.length;
    to.write(bytes);
    if (to.writableLength === 0) return true;
    this.#waiting = true;
    // Below its mark a socket tells nobody when it is empty. What is written behind the rest tells.
    if (!to.writableNeedDrain) to.write(NOTHING, this.#flushed);
    return false;
  };

  readonly #received = (bytes: Buffer): void => {
    if (this.#send(bytes)) {
      freeBytes(bytes);
      return;
    }
    this.#held = bytes;
    this.#from.pause();
  };

  readonly #flushed = (): void => {
    if (!this.#waiting || this.#to.writableLength > 0) return;
    this.#waiting = false;
    if (this.#held !== undefined) freeBytes(this.#held);
    this.#held = undefined;
    this.#from.resume();
  };

  readonly #ended = (): void => {
    this.#to.end();
  };
}
