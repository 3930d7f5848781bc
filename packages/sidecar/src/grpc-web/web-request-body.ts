import type { BodySink, BodySource, Fields } from "@weft/http";
import { Base64Decoder } from "./base64-decoder.ts";

/**
 * The body of a request that comes as text: hands on the frames that the text stands for, as it comes. A body that is
 * binary needs nothing of the kind: its frames are gRPC's.
 */
export class WebRequestBody implements BodySource, BodySink {
  readonly length = -1;
  readonly chunked = false;
  readonly room = 0;
  readonly takesChunks = false;
  readonly keeps = false;

  readonly #inner: BodySource;
  readonly #malformed: () => void;
  readonly #decoder = new Base64Decoder();
  #sink: BodySink | undefined = undefined;
  #broken = false;

  /** @param malformed called once, when it is no base64; the sink is told after that */
  constructor(inner: BodySource, malformed: () => void) {
    this.#inner = inner;
    this.#malformed = malformed;
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

  write(text: Buffer): boolean {
    const bytes = this.#broken ? undefined : this.#decoder.decode(text);
    if (bytes === undefined) this.#refuse();
    else if (bytes.length > 0) return this.#sink?.write(bytes) ?? true;
    return true;
  }

  end(trailers: Fields): void {
    if (!this.#decoder.complete) this.#refuse();
    else this.#sink?.end(trailers);
  }

  fail(reason: unknown): void {
    if (!this.#broken) this.#sink?.fail(reason);
  }

  #refuse(): void {
    if (this.#broken) return;
    this.#broken = true;
    const sink = this.#sink;
    this.#sink = undefined;
    this.#inner.cancel(undefined);
    this.#malformed();
    sink?.fail(new Error("the request is no base64"));
  }
}
