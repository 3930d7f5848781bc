import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CallSpec } from "./home.ts";

/** The body of a call: all of it, or a stream of its pieces. */
export function bodyOf({ body, stream }: CallSpec): string | Readable | null {
  if (stream === undefined) return body ?? null;
  return Readable.from(pieces(stream), { objectMode: false });
}

async function* pieces(stream: readonly string[]): AsyncGenerator<Buffer> {
  for (const piece of stream) {
    yield Buffer.from(piece);
    await nextTurn(); // the next piece is one of its own on the wire
  }
}
