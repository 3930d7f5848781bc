import { SHORT_BYTES } from "../exchange/awaited-body.ts";
import type { Framing } from "../head/framing.ts";
import { latin1 } from "../head/latin1.ts";
import type { Refusal } from "../head/refusal.ts";
import type { ResponseHead } from "../head/response-head.ts";
import { ChunkedDecoder, type ChunkSink } from "../wire/chunked-decoder.ts";

/** Takes the body of an answer as text when all of it is here. Reused: what a call has found is read before the next. */
export class ShortBody implements ChunkSink {
  /** The content, a character for each byte. */
  text: string = "";
  /** Its framing is broken. */
  problem: Refusal | undefined = undefined;

  /** @returns where it ends; -1 when it is longer, or not here yet, or broken */
  read(framing: Framing, head: ResponseHead, bytes: Buffer, from: number, to: number): number {
    this.problem = undefined;
    this.text = "";
    if (framing === "none") return from;
    if (to - from > SHORT_BYTES) return -1;
    if (framing === "length") {
      const end = from + head.contentLength;
      if (end > to) return -1;
      this.text = latin1(bytes, from, end);
      return end;
    }
    if (framing !== "chunked") return -1;
    const decoder = new ChunkedDecoder({ maxTrailerBytes: SHORT_BYTES, keepFraming: false });
    const end = decoder.read(bytes, from, to, this);
    this.problem = decoder.problem;
    return decoder.problem === undefined && decoder.done && decoder.trailers.empty ? end : -1;
  }

  data(bytes: Buffer, from: number, to: number): void {
    this.text += bytes.toString("latin1", from, to);
  }
}
