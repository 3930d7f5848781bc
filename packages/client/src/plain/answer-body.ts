import { ChunkedDecoder, type Framing, NO_FIELDS } from "@weft/http/client";
import { type AnswerHeaders, answerHeaders, rawAnswerHeaders } from "./answer-headers.ts";

const MAX_TRAILER_BYTES = 16 * 1024;
const NO_TRAILERS: AnswerHeaders = Object.freeze({});

/** The body of an answer as it comes in: which bytes are its content, and where it ends. */
export class AnswerBody {
  /** It is complete. */
  done = false;
  /** Something came behind its end, which nobody had asked for. */
  exceeded = false;
  /** In plain words; undefined: nothing is wrong. */
  problem: string | undefined = undefined;
  /** It ends with the connection. */
  readonly endsWithConnection: boolean;
  #missing: number;
  readonly #decoder: ChunkedDecoder | undefined;

  /** @param length what Content-Length says; only asked for when the framing is by length */
  constructor(framing: Framing, length: number) {
    this.endsWithConnection = framing === "close";
    this.#missing = framing === "length" ? length : 0;
    this.#decoder =
      framing === "chunked"
        ? new ChunkedDecoder({ maxTrailerBytes: MAX_TRAILER_BYTES, keepFraming: false })
        : undefined;
  }

  /** What followed the last chunk. */
  get trailers(): AnswerHeaders {
    const trailers = this.#decoder?.trailers ?? NO_FIELDS;
    return trailers.empty ? NO_TRAILERS : answerHeaders(`\r\n${trailers.lines}`);
  }

  get rawTrailers(): Buffer[] {
    return rawAnswerHeaders(`\r\n${this.#decoder?.trailers.lines ?? ""}`);
  }

  /**
   * Takes what has come, which may be nothing. Not after it is done.
   *
   * @returns content of its own memory; undefined: there is none
   */
  read(bytes: Buffer, from: number, to: number): Buffer | undefined {
    if (this.#decoder !== undefined) return this.#readChunks(this.#decoder, bytes, from, to);
    if (this.endsWithConnection) return copy(bytes, from, to);
    const end = Math.min(to, from + this.#missing);
    this.#missing -= end - from;
    this.done = this.#missing === 0;
    this.exceeded = to > end;
    return copy(bytes, from, end);
  }

  #readChunks(decoder: ChunkedDecoder, bytes: Buffer, from: number, to: number): Buffer | undefined {
    const content = Buffer.allocUnsafe(to - from);
    let length = 0;
    const end = decoder.read(bytes, from, to, {
      data(source, at, until) {
        source.copy(content, length, at, until);
        length += until - at;
      },
    });
    this.problem = decoder.problem?.detail;
    this.done = decoder.done;
    this.exceeded = end < to;
    return length === 0 ? undefined : content.subarray(0, length);
  }
}

function copy(bytes: Buffer, from: number, to: number): Buffer | undefined {
  if (from === to) return undefined;
  const content = Buffer.allocUnsafe(to - from);
  bytes.copy(content, 0, from, to);
  return content;
}
