import { Readable } from "node:stream";

type Chunk = Uint8Array | string;

/**
 * A request body that can be sent again: what an attempt has taken from the source is kept, up to a bound, and the
 * next attempt gets it first and then goes on with the same source.
 *
 * Beyond the bound nothing is kept any more, and the body can no longer be repeated. An attempt that never got as far
 * as the body has taken nothing: the next one starts from the beginning, whatever the size.
 * Source: gRPC's per-RPC retry buffer; reference clients 1.7.
 */
export class ReplayBody implements AsyncIterable<Chunk> {
  readonly #source: AsyncIterator<Chunk> | Iterator<Chunk>;
  readonly #maxBytes: number;
  #kept: Chunk[] = [];
  #bytes = 0;
  #repeatable = true;
  #ended = false;
  /** What the source failed with: every attempt that reads on gets it, lest half a body pass for a whole one. */
  #failure: { readonly error: unknown } | undefined = undefined;
  /** The source's answer being waited for: an attempt given up must not take it along. */
  #pull: Promise<void> | undefined = undefined;
  #overflow: Chunk | undefined = undefined;
  #reader = 0;

  /** @param maxBytes how much is kept, >= 0 */
  constructor(source: AsyncIterable<Chunk> | Iterable<Chunk>, maxBytes: number) {
    this.#source = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.#maxBytes = maxBytes;
    // A stream that fails while nobody reads it would end the process; whoever reads it next gets the error.
    if (source instanceof Readable) source.on("error", () => {});
  }

  /** Whether another attempt would get the whole body. */
  get repeatable(): boolean {
    return this.#repeatable;
  }

  /** Whether this is what its source failed with. */
  failedWith(error: unknown): boolean {
    return this.#failure !== undefined && this.#failure.error === error;
  }

  /** One attempt's way through the body. The one before it gets nothing more. */
  [Symbol.asyncIterator](): AsyncIterator<Chunk> {
    const reader = ++this.#reader;
    let at = 0;
    return {
      next: async () => {
        for (;;) {
          if (reader !== this.#reader) return { done: true, value: undefined };
          if (at < this.#kept.length) return { done: false, value: this.#kept[at++]! };
          if (this.#overflow !== undefined) {
            const value = this.#overflow;
            this.#overflow = undefined;
            return { done: false, value };
          }
          if (this.#failure !== undefined) throw this.#failure.error;
          if (this.#ended) return { done: true, value: undefined };
          await (this.#pull ??= this.#take());
        }
      },
      // Given up: the source stays open for the next attempt. `close` ends it with the exchange.
      return: () => Promise.resolve({ done: true, value: undefined }),
    };
  }

  /** The exchange is over: lets the source go, if it did not end by itself. */
  close(): void {
    this.#reader++;
    this.#kept = [];
    if (this.#ended) return;
    this.#ended = true;
    try {
      const closing = this.#source.return?.();
      if (closing instanceof Promise) closing.catch(() => {});
    } catch {
      // The exchange has ended one way or the other; a source that fails to close changes nothing of it.
    }
  }

  async #take(): Promise<void> {
    try {
      const { done, value } = await this.#source.next();
      if (done === true) this.#ended = true;
      else this.#keep(value);
    } catch (error) {
      this.#repeatable = false;
      this.#ended = true;
      this.#failure = { error };
    } finally {
      this.#pull = undefined;
    }
  }

  #keep(chunk: Chunk): void {
    this.#bytes += typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.length;
    if (this.#repeatable && this.#bytes <= this.#maxBytes) {
      this.#kept.push(chunk);
      return;
    }
    this.#repeatable = false;
    this.#overflow = chunk;
  }
}
