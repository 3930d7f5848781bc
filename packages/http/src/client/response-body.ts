import type { EndpointBody } from "../exchange/endpoint-exchange.ts";
import { type Fields, NO_FIELDS } from "../head/fields.ts";
import type { Refusal } from "../head/refusal.ts";
import type { BodySink } from "../wire/body.ts";
import { ChunkedDecoder, type ChunkSink } from "../wire/chunked-decoder.ts";
import { keepBuffer, ROOM, takeBuffer } from "../wire/read-buffers.ts";

/** The exchange whose answer has the body. */
export interface BodyOwner {
  /** Reading may go on. */
  resumeReading(): void;
  /** The last byte is here. @param exact whether the connection is fit for another exchange: nothing came behind it */
  bodyEnded(exact: boolean): void;
  /** The framing is broken. */
  bodyRefused(refusal: Refusal): void;
  /** Nobody reads on. */
  bodyCancelled(reason: unknown): void;
}

const MAX_TRAILER_BYTES = 8 * 1024;

/**
 * The body of an answer that did not come whole with its head. Bytes are read into one buffer of its own, checked, and
 * handed on as views of that buffer; while a write holds a view, nothing is read. So a reader that stalls holds one
 * buffer here and stops the endpoint.
 */
export class ResponseBody implements EndpointBody, ChunkSink {
  readonly length: number;
  readonly chunked: boolean;
  room: number = ROOM;
  /** Fields behind it, once it has ended. */
  trailers: Fields = NO_FIELDS;

  readonly #owner: BodyOwner;
  #missing: number;
  #buffer: Buffer | undefined = takeBuffer();
  /** What came with the head: a range of the buffer that begins behind the room. */
  #earlyTo: number = ROOM;
  #decoder: ChunkedDecoder | undefined = undefined;
  #sink: BodySink | undefined = undefined;
  /** The sink holds a view of the buffer. */
  #lent = false;
  #state: "receiving" | "received" | "broken" | "cancelled" = "receiving";
  #failure: unknown = undefined;

  /** @param length of the content; -1 when the body is chunked or ends with the connection */
  constructor(owner: BodyOwner, length: number, chunked: boolean) {
    this.#owner = owner;
    this.length = length;
    this.chunked = chunked;
    this.#missing = length;
  }

  /**
   * What is read into next; undefined: whatever all read into. Node asks when a read is done, and keeps to the answer
   * until the next one is: so a body that nobody has attached to, and that may end without another read, names none.
   */
  get readBuffer(): Buffer | undefined {
    return this.#sink === undefined ? undefined : this.#buffer;
  }

  /** Whether bytes that come now may be taken. */
  get flowing(): boolean {
    return this.#sink !== undefined && !this.#lent && this.#state === "receiving";
  }

  /**
   * Keeps the bytes behind the head, which lie in memory of somebody else.
   *
   * @returns how many came behind the end of the body; -1 when that is not here, or not known yet
   */
  begin(bytes: Buffer, from: number, to: number): number {
    bytes.copy(this.#own(), ROOM, from, to);
    this.#earlyTo = ROOM + to - from;
    if (this.chunked || this.length < 0) return -1;
    const extra = to - from - this.length;
    if (extra < 0) return -1;
    this.#earlyTo -= extra;
    this.#state = "received";
    return extra;
  }

  /** `to` bytes have been read into `bytes`. @returns false: read no more until told */
  received(bytes: Buffer, to: number): boolean {
    if (bytes !== this.#buffer) bytes.copy(this.#own(), 0, 0, to);
    this.room = 0;
    return this.#take(0, to);
  }

  /**
   * The endpoint has ended its side in good order. (Node 22 tells so as well of a reset right behind the last bytes: its
   * libuv does not look further. Of a body that only the end of its connection ends, nobody can say better: RFC 9112 8.)
   *
   * @returns whether that was the end of the body
   */
  closed(): boolean {
    if (this.chunked || this.length >= 0 || this.#state !== "receiving") return this.#state === "received";
    this.#state = "received";
    this.#owner.bodyEnded(false);
    if (this.#sink !== undefined) this.#tellEnd();
    return true;
  }

  /** It will not end any more. */
  broke(reason: unknown): void {
    if (this.#state !== "receiving") return;
    this.#state = "broken";
    this.#failure = reason;
    this.#sink?.fail(reason);
    this.#letGo();
  }

  attach(sink: BodySink): void {
    this.#sink = sink;
    if (this.#state === "broken") return sink.fail(this.#failure);
    if (this.chunked) {
      this.#decoder = new ChunkedDecoder({ maxTrailerBytes: MAX_TRAILER_BYTES, keepFraming: sink.takesChunks });
    }
    if (this.#state === "received") {
      if (this.#earlyTo > ROOM) this.#give(this.#own().subarray(ROOM, this.#earlyTo));
      this.#tellEnd();
    } else if (this.#earlyTo === ROOM || this.#take(ROOM, this.#earlyTo)) this.#owner.resumeReading();
  }

  resume(): void {
    if (!this.#lent) return;
    this.#lent = false;
    if (this.#state === "receiving") this.#owner.resumeReading();
    else this.#letGo();
  }

  cancel(reason: unknown): void {
    const receiving = this.#state === "receiving";
    this.#sink = undefined;
    if (receiving) this.#state = "cancelled";
    this.#letGo();
    if (receiving) this.#owner.bodyCancelled(reason);
  }

  data(bytes: Buffer, from: number, to: number): void {
    if (bytes !== this.#buffer) this.room = 0; // a line that the decoder wrote anew: what lies before it is not ours
    if (this.#sink !== undefined) this.#give(bytes.subarray(from, to));
  }

  /** It goes when the body has ended, and is not asked for after that. */
  #own(): Buffer {
    return this.#buffer!;
  }

  /** Checks bytes of the buffer and hands them on. @returns whether to read on */
  #take(from: number, to: number): boolean {
    const decoder = this.#decoder;
    if (decoder !== undefined) return this.#decode(decoder, from, to);
    if (this.length < 0) {
      this.#give(this.#own().subarray(from, to));
      return !this.#lent;
    }
    const here = Math.min(to - from, this.#missing);
    this.#missing -= here;
    this.#give(this.#own().subarray(from, from + here));
    if (this.#missing === 0) this.#end(from + here === to, NO_FIELDS);
    return this.#state === "receiving" && !this.#lent;
  }

  #decode(decoder: ChunkedDecoder, from: number, to: number): boolean {
    const used = decoder.read(this.#own(), from, to, this);
    if (decoder.problem !== undefined) this.#owner.bodyRefused(decoder.problem);
    else if (decoder.done) this.#end(used === to, decoder.trailers);
    return this.#state === "receiving" && !this.#lent;
  }

  #give(view: Buffer): void {
    if (this.#sink?.write(view) === false) this.#lent = true;
    this.room = 0;
  }

  #end(exact: boolean, trailers: Fields): void {
    if (this.#state !== "receiving") return; // the sink gave up while it was being written to
    this.#state = "received";
    this.trailers = trailers;
    this.#owner.bodyEnded(exact);
    this.#tellEnd();
  }

  #tellEnd(): void {
    this.#sink?.end(this.trailers);
    if (!this.#lent) this.#letGo();
  }

  /** What a write still holds is left to the garbage collector. */
  #letGo(): void {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    if (!this.#lent) keepBuffer(buffer);
    this.#buffer = undefined;
  }
}
