import type { ReadableByteStreamController, UnderlyingByteSource } from "node:stream/web";

/** What a body needs of the exchange it arrives by. */
export interface BodySource {
  pause(): void;
  resume(): void;
  /** The reader wants no more; what has not arrived need not. */
  cancelled(reason: unknown): void;
  /** Nothing more can change what the reader gets. Called once. */
  settled(): void;
}

/** Bytes held for a reader that does not read before the connection is paused: as much as fetch holds. */
const HELD_BYTES = 64 * 1024;

/**
 * A response's body as a byte stream: what arrives is handed over when it is asked for, and no sooner.
 *
 * So an abort can still fail a body that has arrived but was not read, as fetch does. It is the underlying source of
 * its own stream, which is made on demand: most bodies are complete by then.
 */
export class ReceivedBody implements UnderlyingByteSource {
  readonly type = "bytes";
  readonly #source: BodySource;
  #stream: ReadableStream<Uint8Array> | undefined = undefined;
  #controller: ReadableByteStreamController | undefined = undefined;
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  #heldBytes = 0;
  /** A reader waits for bytes that are not here. */
  #wanted = false;
  #paused = false;
  #state: "arriving" | "arrived" | "settled" = "arriving";
  #failure: { readonly error: unknown } | undefined = undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  get stream(): ReadableStream<Uint8Array> {
    this.#stream ??= new ReadableStream(this);
    return this.#stream;
  }

  /** Whether all of it is here, read or not. */
  get complete(): boolean {
    return this.#state !== "arriving";
  }

  // From the exchange.

  /** Copies `chunk`: it shares its memory with other messages of the connection, and a byte stream takes it away. */
  push(chunk: Uint8Array): void {
    if (this.#state !== "arriving" || chunk.length === 0) return;
    const copy = new Uint8Array(chunk);
    if (this.#wanted) {
      this.#wanted = false;
      this.#controller?.enqueue(copy);
      return;
    }
    this.#chunks.push(copy);
    this.#heldBytes += copy.length;
    if (this.#heldBytes >= HELD_BYTES && !this.#paused) {
      this.#paused = true;
      this.#source.pause();
    }
  }

  end(): void {
    if (this.#state !== "arriving") return;
    this.#state = "arrived";
    if (this.#chunks.length === 0 && this.#controller !== undefined) this.#close(this.#controller);
  }

  /** Fails the reader with `error`, also when everything has arrived but was not read. */
  fail(error: unknown): void {
    if (this.#state === "settled") return;
    this.#failure = { error };
    this.#controller?.error(error);
    this.#settle();
  }

  // From the stream.

  start(controller: ReadableByteStreamController): void {
    this.#controller = controller;
    if (this.#failure !== undefined) controller.error(this.#failure.error);
  }

  pull(controller: ReadableByteStreamController): void {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#heldBytes -= chunk.length;
      controller.enqueue(chunk);
    }
    if (this.#chunks.length > 0 || this.#state === "settled") return;
    if (this.#state === "arrived") {
      this.#close(controller);
      return;
    }
    this.#wanted = chunk === undefined;
    if (!this.#paused) return;
    this.#paused = false;
    this.#source.resume();
  }

  cancel(reason: unknown): void {
    const arriving = this.#state === "arriving";
    this.#settle();
    if (arriving) this.#source.cancelled(reason);
  }

  #close(controller: ReadableByteStreamController): void {
    controller.close();
    // A reader that brought its own buffer waits until that is given back.
    controller.byobRequest?.respond(0);
    this.#settle();
  }

  #settle(): void {
    if (this.#state === "settled") return;
    this.#state = "settled";
    this.#chunks.length = 0;
    this.#source.settled();
  }
}
