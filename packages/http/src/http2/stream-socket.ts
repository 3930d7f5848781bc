import { Duplex } from "node:stream";
import { NO_FIELDS } from "../head/fields.ts";
import type { BodySink, BodySource } from "../wire/body.ts";

/** The stream of a CONNECT. */
interface ConnectedStream {
  /** All that the caller sends, when it came with the head; undefined when there is none of it, or more to come. */
  readonly whole: Buffer | undefined;
  /** Where the caller's half comes from; undefined when it has ended. */
  readonly body: BodySource | undefined;
  /** Resets it with CONNECT_ERROR, unless it is over. */
  tunnelBroke(): void;
}

/**
 * A caller's stream as the end of a byte tunnel (RFC 9113 8.5): DATA is what is read from it and written to it, END_STREAM
 * the end of a half, RST_STREAM a reset. Each half may end at a time of its own, and a slow reader on either side holds
 * no more than a window.
 */
export class StreamSocket extends Duplex {
  /** What is written here, for the stream to send. */
  readonly outgoing: BodySource;

  readonly #stream: ConnectedStream;
  #sink: BodySink | undefined = undefined;
  /** Of a write that waits for the caller's window. */
  #written: () => void = () => {};
  /** Of the end, which waits for all that was written. */
  #finished: () => void = () => {};

  constructor(stream: ConnectedStream) {
    super();
    this.#stream = stream;
    this.outgoing = {
      length: -1,
      chunked: false,
      room: 0,
      attach: (sink) => void (this.#sink = sink),
      resume: () => this.#roomCame(),
      cancel: (reason) => this.#broke(reason),
    };
    this.on("error", () => {}); // it may break before anybody listens; then the tunnel sees it closed
  }

  /** Begins to read, once the answer has begun. */
  begin(): void {
    const { whole, body } = this.#stream;
    if (body !== undefined) return body.attach(this.#incoming);
    if (whole !== undefined) this.push(whole);
    this.push(null);
  }

  /** END_STREAM of ours has been handed to the connection. */
  outgoingSent(): void {
    this.#finished();
  }

  override _read(): void {
    this.#stream.body?.resume();
  }

  override _write(bytes: Buffer, _encoding: unknown, written: () => void): void {
    if (this.#sink?.write(bytes) !== false) return written();
    this.#written = written;
  }

  override _final(finished: () => void): void {
    this.#finished = finished;
    this.#sink?.end(NO_FIELDS);
  }

  override _destroy(error: Error | null, destroyed: (error: Error | null) => void): void {
    this.#stream.tunnelBroke();
    destroyed(error);
  }

  readonly #incoming: BodySink = {
    takesChunks: false,
    keeps: false,
    write: (bytes) => this.push(Buffer.from(bytes)),
    end: () => void this.push(null),
    fail: (reason) => this.#broke(reason),
  };

  #roomCame(): void {
    const written = this.#written;
    this.#written = () => {};
    written();
  }

  #broke(reason: unknown): void {
    this.destroy(reason instanceof Error ? reason : new Error(String(reason ?? "the stream was reset")));
  }
}
