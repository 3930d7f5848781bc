import type { ServerStream } from "./server-stream.ts";

/**
 * Streams that have begun with the read that is being taken. They are handled when all of it has been: clients that send
 * several requests at once write their heads first and the bodies behind, and a short body is whole by then. What was
 * reset in the same read is handled by nobody.
 */
export class BegunStreams {
  #streams: ServerStream[] = [];

  add(stream: ServerStream): void {
    this.#streams.push(stream);
  }

  /** All of the read has been taken. @throws what `handle` throws; that stream is cut */
  handle(handle: (stream: ServerStream) => void): void {
    if (this.#streams.length === 0) return;
    const streams = this.#streams;
    this.#streams = [];
    for (const stream of streams) {
      if (stream.over) continue;
      stream.headTaken();
      try {
        handle(stream);
      } catch (error) {
        stream.cut();
        throw error;
      }
    }
  }
}
