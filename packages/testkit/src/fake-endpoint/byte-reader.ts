import type { Socket } from "node:net";

/** Reads a socket's bytes as they are asked for. Every read ends when the socket does, with undefined. */
export class ByteReader {
  #pieces: Buffer[] = [];
  #size = 0;
  #ended = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    socket.on("data", (data) => {
      const piece = typeof data === "string" ? Buffer.from(data) : data;
      this.#pieces.push(piece);
      this.#size += piece.length;
      this.#wake();
    });
    // `close` comes without `end` when the connection was reset.
    for (const last of ["end", "close"]) {
      socket.once(last, () => {
        this.#ended = true;
        this.#wake();
      });
    }
  }

  /** Whether bytes are there, once some are or none will come. */
  async some(): Promise<boolean> {
    return this.#holds(1);
  }

  /** One line without its CRLF, as latin1. Undefined, too, when none ends within `maxBytes`. */
  async line(maxBytes: number): Promise<string | undefined> {
    for (;;) {
      const bytes = this.#joined();
      const end = bytes.indexOf("\r\n");
      if (end >= 0 && end <= maxBytes) {
        this.#take(end + 2);
        return bytes.toString("latin1", 0, end);
      }
      if (end > maxBytes || bytes.length > maxBytes || !(await this.#holds(bytes.length + 1))) return undefined;
    }
  }

  /** Exactly `count` bytes. */
  async exactly(count: number): Promise<Buffer | undefined> {
    return (await this.#holds(count)) ? this.#take(count) : undefined;
  }

  /** Forgets what is there. */
  discard(): void {
    this.#pieces = [];
    this.#size = 0;
  }

  async #holds(count: number): Promise<boolean> {
    while (this.#size < count && !this.#ended) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    return this.#size >= count;
  }

  #take(count: number): Buffer {
    const bytes = this.#joined();
    this.#pieces = [bytes.subarray(count)];
    this.#size -= count;
    return bytes.subarray(0, count);
  }

  #joined(): Buffer {
    const [only] = this.#pieces;
    const bytes = only !== undefined && this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces);
    this.#pieces = [bytes];
    return bytes;
  }
}
