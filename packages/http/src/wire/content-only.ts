import type { Fields } from "../head/fields.ts";
import type { BodySink } from "./body.ts";
import { ChunkedDecoder, type ChunkSink } from "./chunked-decoder.ts";

/** The last chunk never comes here, and with it no trailers. */
const NO_TRAILERS = { maxTrailerBytes: 0, keepFraming: false };

/**
 * Takes a body in chunks of HTTP/1.1, which were checked when they came, for a sink that takes content alone: a request
 * that is sent again may meet an endpoint of another protocol.
 */
export class ContentOnly implements BodySink, ChunkSink {
  readonly takesChunks = true;
  readonly #sink: BodySink;
  readonly #decoder = new ChunkedDecoder(NO_TRAILERS);
  #took = true;

  constructor(sink: BodySink) {
    this.#sink = sink;
  }

  get keeps(): boolean {
    return this.#sink.keeps;
  }

  write(bytes: Buffer): boolean {
    this.#took = true;
    this.#decoder.read(bytes, 0, bytes.length, this);
    return this.#took;
  }

  end(trailers: Fields): void {
    this.#sink.end(trailers);
  }

  fail(reason: unknown): void {
    this.#sink.fail(reason);
  }

  data(bytes: Buffer, from: number, to: number): void {
    if (!this.#sink.write(bytes.subarray(from, to))) this.#took = false;
  }
}
