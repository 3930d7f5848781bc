import { type BodySink, type BodySource, type Fields, NO_FIELDS } from "@weft/http";
import { Base64Encoder } from "./base64-encoder.ts";
import { MessageFrames } from "./message-frames.ts";
import { trailerFrame } from "./trailer-frame.ts";
import { trailersWithStatus } from "./web-trailers.ts";

/**
 * The body of an answer as gRPC-Web has it: the messages as they come, and behind them the trailers as one more frame.
 * As text it is base64, with padding behind the last message that is here, so that a reader need not wait for the next
 * one to see it.
 */
export class WebAnswerBody implements BodySource, BodySink {
  readonly length = -1;
  readonly chunked = false;
  readonly room = 0;
  readonly takesChunks = false;

  readonly #inner: BodySource;
  readonly #early: Fields;
  readonly #cutShort: () => void;
  readonly #encoder: Base64Encoder | undefined;
  readonly #frames = new MessageFrames();
  #sink: BodySink | undefined = undefined;

  /**
   * @param early    trailers that stood in the head
   * @param cutShort called when the messages end inside one: trailers behind that would be read as part of it
   */
  constructor(inner: BodySource, text: boolean, early: Fields, cutShort: () => void) {
    this.#inner = inner;
    this.#early = early;
    this.#cutShort = cutShort;
    this.#encoder = text ? new Base64Encoder() : undefined;
  }

  /** What is written as text is memory of its own. */
  get keeps(): boolean {
    return this.#encoder === undefined && this.#sink?.keeps === true;
  }

  attach(sink: BodySink): void {
    this.#sink = sink;
    this.#inner.attach(this);
  }

  resume(): void {
    this.#inner.resume();
  }

  cancel(reason: unknown): void {
    this.#sink = undefined;
    this.#inner.cancel(reason);
  }

  write(bytes: Buffer): boolean {
    this.#frames.read(bytes);
    return this.#send(bytes);
  }

  end(trailers: Fields): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    if (!this.#frames.atBoundary) {
      this.#sink = undefined;
      return this.#cutShort();
    }
    this.#send(trailerFrame(trailersWithStatus(trailers, this.#early)));
    this.#sink = undefined;
    sink.end(NO_FIELDS);
  }

  fail(reason: unknown): void {
    this.#sink?.fail(reason);
    this.#sink = undefined;
  }

  #send(bytes: Buffer): boolean {
    const sent = this.#encoder?.encode(bytes, this.#frames.atBoundary) ?? bytes;
    return sent.length === 0 || this.#sink === undefined || this.#sink.write(sent);
  }
}
