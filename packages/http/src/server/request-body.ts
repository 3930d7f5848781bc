import type { Refusal } from "../head/refusal.ts";
import type { BodySink, BodySource } from "../wire/body.ts";
import { ChunkedDecoder, type ChunkSink } from "../wire/chunked-decoder.ts";

/** The connection that the request came by. */
export interface RequestBodyOwner {
  /** More bytes are wanted, or no more until told. */
  readMore(wanted: boolean): void;
  /** The reader wants the body: the caller may be waiting to be told to send it. */
  bodyWanted(): void;
  /** The last byte is here. */
  bodyComplete(): void;
  /** Bytes that lay behind the end of a body which was taken late. */
  cameBehind(bytes: Buffer): void;
  bodyRefused(refusal: Refusal): void;
  /** Nobody reads on. */
  bodyUnwanted(): void;
}

const MAX_TRAILER_BYTES = 8 * 1024;

/**
 * The body of a request that did not come whole with its head. The bytes come in memory of their own, so views of them
 * may be kept. Nothing is read while nobody takes what came: at most what one read brought is held.
 */
export class RequestBody implements BodySource, ChunkSink {
  readonly length: number;
  readonly chunked: boolean;
  readonly room = 0;
  /** Bytes of content and framing so far. */
  received = 0;

  readonly #owner: RequestBodyOwner;
  #missing: number;
  #early: Buffer | undefined = undefined;
  #decoder: ChunkedDecoder | undefined = undefined;
  #sink: BodySink | undefined = undefined;
  #lent = false;
  #state: "receiving" | "complete" | "broken" | "unwanted" = "receiving";
  #failure: unknown = undefined;

  /** @param length of the content; -1: it comes in chunks */
  constructor(owner: RequestBodyOwner, length: number) {
    this.#owner = owner;
    this.length = length;
    this.chunked = length < 0;
    this.#missing = length;
  }

  /** Whether bytes of it are still to come. */
  get receiving(): boolean {
    return this.#state === "receiving";
  }

  /** Whether we wait for the caller, and not the caller for us. */
  get waiting(): boolean {
    return this.#state === "receiving" && this.#sink !== undefined && !this.#lent;
  }

  /** Takes what belongs to it. @returns how many of the bytes did; the rest is the next request's */
  take(bytes: Buffer): number {
    if (this.#state !== "receiving") return 0;
    const sink = this.#sink;
    if (sink === undefined) {
      // Nobody reads yet. Where it ends is found out when somebody does: nothing is read before that.
      this.#early = this.#early === undefined ? bytes : Buffer.concat([this.#early, bytes]);
      this.#owner.readMore(false);
      return bytes.length;
    }
    const used = this.#decoder === undefined ? this.#counted(bytes, sink) : this.#decoded(bytes, this.#decoder);
    this.received += used;
    if (this.#lent && this.#state === "receiving") this.#owner.readMore(false);
    return used;
  }

  /** The caller will send no more. */
  broke(reason: unknown): void {
    if (this.#state !== "receiving") return;
    this.#state = "broken";
    this.#failure = reason;
    this.#early = undefined;
    this.#sink?.fail(reason);
  }

  attach(sink: BodySink): void {
    this.#sink = sink;
    if (this.#state !== "receiving") return sink.fail(this.#failure);
    if (this.chunked) {
      this.#decoder = new ChunkedDecoder({ maxTrailerBytes: MAX_TRAILER_BYTES, keepFraming: sink.takesChunks });
    }
    this.#owner.bodyWanted();
    const early = this.#early;
    this.#early = undefined;
    const rest = early === undefined ? undefined : early.subarray(this.take(early));
    if (rest !== undefined && rest.length > 0) this.#owner.cameBehind(rest);
    if (this.#state === "receiving" && !this.#lent) this.#owner.readMore(true);
  }

  resume(): void {
    if (!this.#lent) return;
    this.#lent = false;
    if (this.#state === "receiving") this.#owner.readMore(true);
  }

  cancel(_reason: unknown): void {
    this.#sink = undefined;
    this.#early = undefined;
    if (this.#state !== "receiving") return;
    this.#state = "unwanted";
    this.#owner.bodyUnwanted();
  }

  data(bytes: Buffer, from: number, to: number): void {
    if (this.#sink?.write(bytes.subarray(from, to)) === false) this.#lent = true;
  }

  #counted(bytes: Buffer, sink: BodySink): number {
    const here = Math.min(bytes.length, this.#missing);
    this.#missing -= here;
    if (here > 0) this.data(bytes, 0, here);
    if (this.#missing === 0 && this.#state === "receiving") {
      this.#state = "complete";
      this.#owner.bodyComplete();
      sink.end("");
    }
    return here;
  }

  #decoded(bytes: Buffer, decoder: ChunkedDecoder): number {
    const used = decoder.read(bytes, 0, bytes.length, this);
    if (decoder.problem !== undefined) this.#owner.bodyRefused(decoder.problem);
    else if (decoder.done && this.#state === "receiving") {
      this.#state = "complete";
      const sink = this.#sink;
      this.#owner.bodyComplete();
      sink?.end(decoder.trailers);
    }
    return used;
  }
}
