import { type Fields, NO_FIELDS } from "../head/fields.ts";
import type { Refusal } from "../head/refusal.ts";
import type { BodySink, BodySource } from "../wire/body.ts";
import { ChunkedDecoder, type ChunkSink } from "../wire/chunked-decoder.ts";

/** The connection that the request came by. */
export interface RequestBodyOwner {
  /** More bytes are wanted, or no more until told. */
  readMore(wanted: boolean): void;
  /** The reader wants the body, and nothing of it is here: the caller may be waiting to be told to send it. */
  bodyWanted(): void;
  /** Bytes that came with the body and lie behind its end: the next request's. Told before the sink hears of the end. */
  cameBehind(bytes: Buffer): void;
  bodyRefused(refusal: Refusal): void;
  /** The caller had ended the connection before the body was looked at, and it was not complete. */
  bodyCutShort(): void;
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
  /** The sink held it up since the sweep last looked, which clears this. */
  heldUp = false;

  readonly #owner: RequestBodyOwner;
  #missing: number;
  #early: Buffer | undefined = undefined;
  #decoder: ChunkedDecoder | undefined = undefined;
  #sink: BodySink | undefined = undefined;
  #lent = false;
  /** No more will come than is here. */
  #atEnd = false;
  #state: "receiving" | "complete" | "broken" | "unwanted" = "receiving";
  #failure: unknown = undefined;

  /** @param length of the content; -1: it comes in chunks */
  constructor(owner: RequestBodyOwner, length: number) {
    this.#owner = owner;
    this.length = length;
    this.chunked = length < 0;
    this.#missing = length;
  }

  /** Whether it takes the bytes that come. */
  get receiving(): boolean {
    return this.#state === "receiving";
  }

  /** Whether its end was found: only then may what follows be taken for a request. */
  get complete(): boolean {
    return this.#state === "complete";
  }

  /** Whether we wait for the caller, and not the caller for us. */
  get waiting(): boolean {
    return this.#state === "receiving" && this.#sink !== undefined && !this.#lent;
  }

  /** Takes bytes that came. Only while `receiving`. */
  take(bytes: Buffer): void {
    const sink = this.#sink;
    if (sink === undefined) {
      // Nobody reads yet. Where it ends is found out when somebody does: nothing is read before that.
      this.#early = this.#early === undefined ? bytes : Buffer.concat([this.#early, bytes]);
      this.#owner.readMore(false);
    } else if (this.#decoder === undefined) this.#counted(bytes, sink);
    else this.#decoded(bytes, this.#decoder, sink);
    if (this.#lent && this.#state === "receiving") this.#owner.readMore(false);
  }

  /** The caller has sent its FIN. @returns false when that is known to be inside the body */
  callerEnded(): boolean {
    this.#atEnd = true;
    return this.#state !== "receiving" || this.#early !== undefined;
  }

  /** The caller will send no more of it, or is not asked to. */
  broke(reason: unknown): void {
    if (this.#state !== "receiving") return;
    this.#state = "broken";
    this.#failure = reason;
    this.#early = undefined;
    this.#sink?.fail(reason);
  }

  attach(sink: BodySink): void {
    if (this.#state !== "receiving") return sink.fail(this.#failure);
    this.#sink = sink;
    if (this.chunked) {
      this.#decoder = new ChunkedDecoder({ maxTrailerBytes: MAX_TRAILER_BYTES, keepFraming: sink.takesChunks });
    }
    const early = this.#early;
    this.#early = undefined;
    if (early === undefined) this.#owner.bodyWanted();
    else this.take(early);
    if (this.#state !== "receiving") return;
    if (this.#atEnd) this.#owner.bodyCutShort();
    else if (!this.#lent) this.#owner.readMore(true);
  }

  resume(): void {
    if (!this.#lent) return;
    this.#lent = false;
    if (this.#state === "receiving") this.#owner.readMore(true);
  }

  cancel(reason: unknown): void {
    this.#sink = undefined;
    this.#early = undefined;
    if (this.#state !== "receiving") return;
    this.#state = "unwanted";
    this.#failure = reason;
  }

  data(bytes: Buffer, from: number, to: number): void {
    if (this.#sink?.write(bytes.subarray(from, to)) !== false) return;
    this.#lent = true;
    this.heldUp = true;
  }

  #counted(bytes: Buffer, sink: BodySink): void {
    const here = Math.min(bytes.length, this.#missing);
    this.#missing -= here;
    this.received += here;
    this.data(bytes, 0, here);
    if (this.#missing === 0) this.#end(bytes, here, sink, NO_FIELDS);
  }

  #decoded(bytes: Buffer, decoder: ChunkedDecoder, sink: BodySink): void {
    const used = decoder.read(bytes, 0, bytes.length, this);
    this.received += used;
    if (this.#state !== "receiving") return; // the sink gave up while it was being written to
    if (decoder.problem !== undefined) this.#owner.bodyRefused(decoder.problem);
    else if (decoder.done) this.#end(bytes, used, sink, decoder.trailers);
  }

  #end(bytes: Buffer, used: number, sink: BodySink, trailers: Fields): void {
    if (this.#state !== "receiving") return;
    this.#state = "complete";
    if (used < bytes.length) this.#owner.cameBehind(bytes.subarray(used));
    else this.#owner.readMore(true);
    sink.end(trailers);
  }
}
