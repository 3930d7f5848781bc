import { type BodySink, type BodySource, ContentOnly, type Fields, freeBytes, NO_FIELDS } from "@weft/http";

/**
 * A request's body that can be sent more than once: what passes is remembered, up to a bound, and sent again to the
 * sink that comes next. Beyond the bound nothing is remembered, and the body cannot be sent again.
 *
 * Whatever it is given while it remembers is kept, so the source gives it memory of its own.
 */
export class ReplayableBody implements BodySource, BodySink {
  readonly length: number;
  readonly room = 0;

  readonly #inner: BodySource;
  readonly #maxBytes: number;
  #kept: Buffer[] | undefined = [];
  #keptBytes = 0;
  #sink: BodySink | undefined = undefined;
  #state: "untouched" | "flowing" | "ended" | "failed" | "cancelled" = "untouched";
  /** It comes, and is kept, in chunks of HTTP/1.1. The first sink decides. */
  #framed = false;
  #trailers: Fields = NO_FIELDS;
  #failure: unknown = undefined;
  /** What the sink has not sent yet. */
  #lent: Buffer | undefined = undefined;
  /** The source waits for `resume`, for the sink that held it up. */
  #held = false;

  /** @param maxBytes remembered at most, >= 0 */
  constructor(inner: BodySource, maxBytes: number) {
    this.#inner = inner;
    this.length = inner.length;
    this.#maxBytes = maxBytes;
    if (inner.length > maxBytes) this.#kept = undefined;
  }

  /** Whether the next sink would get all of it. */
  get repeatable(): boolean {
    return this.#state === "untouched" || (this.#kept !== undefined && this.#state !== "failed");
  }

  get chunked(): boolean {
    return this.#state === "untouched" ? this.#inner.chunked : this.#framed;
  }

  get takesChunks(): boolean {
    return this.#framed;
  }

  get keeps(): boolean {
    return this.#kept !== undefined || this.#sink?.keeps !== false;
  }

  /** Whether all of it has come. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  /** Whether all of it is here: then a second sink may have it beside the first. */
  get whole(): boolean {
    return this.#state === "ended" && this.#kept !== undefined;
  }

  attach(next: BodySink): void {
    if (this.#state === "untouched") this.#framed = this.#inner.chunked && next.takesChunks;
    // One that was to go by HTTP/1.1 may be sent again by HTTP/2.
    const sink = this.#framed && !next.takesChunks ? new ContentOnly(next) : next;
    this.#sink = sink;
    if (this.#state === "untouched") {
      this.#state = "flowing";
      this.#inner.attach(this);
      return;
    }
    for (const bytes of this.#kept ?? []) sink.write(bytes);
    if (this.#state === "ended") sink.end(this.#trailers);
    else if (this.#state === "failed") sink.fail(this.#failure);
    else this.resume();
  }

  resume(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#free(this.#lent);
    this.#lent = undefined;
    this.#inner.resume();
  }

  /** One attempt gives up; the body stays for the next. */
  cancel(_reason: unknown): void {
    this.#sink = undefined;
  }

  /** It will not be sent again: what comes from now on is not remembered. */
  forget(): void {
    this.#kept = undefined;
  }

  /** No attempt will want it any more. */
  drop(reason: unknown): void {
    this.#sink = undefined;
    this.#kept = undefined;
    if (this.#state !== "untouched" && this.#state !== "flowing") return;
    this.#state = "cancelled";
    this.#inner.cancel(reason);
  }

  write(bytes: Buffer): boolean {
    this.#keep(bytes);
    if (this.#sink?.write(bytes) === true) {
      this.#free(bytes);
      return true;
    }
    this.#held = true; // nobody takes more now: the rest waits with the caller
    if (this.#sink !== undefined) this.#lent = bytes;
    return false;
  }

  end(trailers: Fields): void {
    this.#state = "ended";
    this.#trailers = trailers;
    this.#sink?.end(trailers);
  }

  fail(reason: unknown): void {
    this.#state = "failed";
    this.#failure = reason;
    this.#kept = undefined;
    this.#sink?.fail(reason);
  }

  /** What has left and is not kept is freed at once: a fast upload would walk through tens of megabytes of garbage. */
  #free(bytes: Buffer | undefined): void {
    // Behind a chunk the decoder may still be reading.
    if (bytes !== undefined && this.#kept === undefined && !this.chunked) freeBytes(bytes);
  }

  #keep(bytes: Buffer): void {
    if (this.#kept === undefined) return;
    this.#keptBytes += bytes.length;
    if (this.#keptBytes > this.#maxBytes) this.#kept = undefined;
    else this.#kept.push(bytes);
  }
}
