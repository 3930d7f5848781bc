import { CR, HEX, LF } from "../head/byte-tables.ts";
import { type Fields, NO_FIELDS } from "../head/fields.ts";
import type { Refusal, RefusalCode } from "../head/refusal.ts";
import { refusal } from "../head/refusals.ts";
import { ChunkExtensions } from "./chunk-extensions.ts";
import type { ChunkSink } from "./chunk-sink.ts";
import { readTrailers } from "./trailers.ts";

export type { ChunkSink } from "./chunk-sink.ts";

/** Digits of a chunk size, leading zeros included: some servers write sizes of a fixed width. */
const MAX_SIZE_DIGITS = 16;
const SEMICOLON = 0x3b;

export interface ChunkedDecoderOptions {
  /** Longest trailer section, with its empty line, in bytes. */
  readonly maxTrailerBytes: number;
  /** Whether the sink gets sizes and line ends as well, as they stood. */
  readonly keepFraming: boolean;
}

/**
 *   size -> (extension ->) size-lf -> data -> data-cr -> data-lf -> size
 *                          size-lf -> trailers -> done                      when the size was 0
 */
type State = "size" | "extension" | "size-lf" | "data" | "data-cr" | "data-lf" | "trailers" | "done";

/**
 * Reads a chunked body (RFC 9112 7.1), strictly, and hands on what it has checked.
 *
 * The sink gets the content alone or, with `keepFraming`, chunks that can be sent on as they are: sizes and line ends
 * as they stood, extensions cut out. Neither way does it get the last chunk: whoever sends the body on writes its own
 * end, and only once the trailer section has been read to its end here.
 *
 * A run of bytes without anything to cut is handed over as one view.
 */
export class ChunkedDecoder {
  readonly #options: ChunkedDecoderOptions;
  readonly #extensions = new ChunkExtensions();
  #state: State = "size";
  /** Digits of a size line that did not come in one piece, or has extensions. */
  #sizeText = "";
  /** Bytes of the chunk's data that are still to come. */
  #left = 0;
  /** What has come of a trailer section that is not complete. */
  #section: Buffer | undefined = undefined;
  #trailers: Fields = NO_FIELDS;
  #problem: Refusal | undefined = undefined;

  constructor(options: ChunkedDecoderOptions) {
    this.#options = options;
  }

  /** The last chunk and the trailer section are complete. */
  get done(): boolean {
    return this.#state === "done";
  }

  /** Why the body is refused; nothing is read any more. */
  get problem(): Refusal | undefined {
    return this.#problem;
  }

  /** Trailer fields, once done; `NO_FIELDS` when there are none. Fields that must not stand there are left out. */
  get trailers(): Fields {
    return this.#trailers;
  }

  /**
   * Reads on.
   *
   * @returns the offset behind the last byte that belongs to the body: `to`, unless the body ends before it or is
   * refused
   */
  read(bytes: Buffer, from: number, to: number, sink: ChunkSink): number {
    let at = from;
    /** Where the bytes begin that are checked and not yet handed over; -1: there are none. */
    let run = -1;
    while (at < to && this.#problem === undefined && this.#state !== "done") {
      switch (this.#state) {
        case "size": {
          const data = this.#sizeText === "" ? this.#wholeSizeLine(bytes, at, to) : -1;
          if (data >= 0) {
            if (run < 0 && this.#options.keepFraming) run = at;
            at = data;
          } else {
            if (run >= 0) sink.data(bytes, run, at);
            run = -1;
            at = this.#size(bytes, at, to);
          }
          break;
        }
        case "extension":
          at = this.#extension(bytes, at, to);
          break;
        case "size-lf":
          at = this.#expect(LF, "bare-cr", bytes, at);
          if (this.#problem === undefined) this.#beginChunk(sink);
          break;
        case "data":
          if (run < 0) run = at;
          at = this.#data(at, to);
          if (this.#options.keepFraming || this.#left > 0) break;
          sink.data(bytes, run, at);
          run = -1;
          break;
        case "data-cr":
          if (run < 0 && this.#options.keepFraming) run = at;
          at = this.#expect(CR, "chunk-end", bytes, at);
          this.#state = "data-lf";
          break;
        case "data-lf":
          if (run < 0 && this.#options.keepFraming) run = at;
          at = this.#expect(LF, "chunk-end", bytes, at);
          this.#state = "size";
          break;
        case "trailers":
          at = this.#readTrailers(bytes, at, to);
          break;
        default:
          this.#state satisfies never;
      }
    }
    if (run >= 0 && at > run) sink.data(bytes, run, at);
    return at;
  }

  /** The usual case: a size line without extensions that lies in one piece. @returns where its data begins, or -1 */
  #wholeSizeLine(bytes: Buffer, from: number, to: number): number {
    const last = Math.min(to, from + MAX_SIZE_DIGITS);
    let at = from;
    let size = 0;
    while (at < last && HEX[bytes[at]!] !== 0) size = size * 16 + (HEX[bytes[at++]!]! - 1); // near 2^53 the order counts
    if (size === 0 || size > Number.MAX_SAFE_INTEGER) return -1;
    if (at + 1 >= to || bytes[at] !== CR || bytes[at + 1] !== LF) return -1;
    this.#left = size;
    this.#state = "data";
    return at + 2;
  }

  /** Any size line, bit by bit: digits up to the CR or the extensions. */
  #size(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && HEX[bytes[at]!] !== 0) at++;
    this.#sizeText += bytes.toString("latin1", from, Math.min(at, from + MAX_SIZE_DIGITS + 1));
    if (this.#sizeText.length > MAX_SIZE_DIGITS) return this.#refuse("chunk-too-large", at);
    if (at === to) return at;
    const byte = bytes[at]!;
    if (byte === LF) return this.#refuse("bare-lf", at);
    if (this.#sizeText === "" || (byte !== CR && byte !== SEMICOLON)) return this.#refuse("chunk-size", at);
    this.#left = Number.parseInt(this.#sizeText, 16);
    if (this.#left > Number.MAX_SAFE_INTEGER) return this.#refuse("chunk-too-large", at);
    this.#state = byte === CR ? "size-lf" : "extension";
    return byte === CR ? at + 1 : at;
  }

  #extension(bytes: Buffer, from: number, to: number): number {
    const at = this.#extensions.read(bytes, from, to);
    if (at < 0) return this.#refuse(this.#extensions.problem, to);
    if (at === to) return to;
    this.#state = "size-lf";
    return at + 1;
  }

  #beginChunk(sink: ChunkSink): void {
    const line = `${this.#sizeText}\r\n`;
    this.#sizeText = "";
    this.#state = this.#left === 0 ? "trailers" : "data";
    if (this.#left > 0 && this.#options.keepFraming) sink.data(Buffer.from(line, "latin1"), 0, line.length);
  }

  #data(from: number, to: number): number {
    const taken = Math.min(this.#left, to - from);
    this.#left -= taken;
    if (this.#left === 0) this.#state = "data-cr";
    return from + taken;
  }

  #readTrailers(bytes: Buffer, from: number, to: number): number {
    if (this.#section === undefined && from + 1 < to && bytes[from] === CR && bytes[from + 1] === LF) {
      this.#state = "done";
      return from + 2;
    }
    const rest = bytes.subarray(from, to);
    const section = this.#section === undefined ? Buffer.from(rest) : Buffer.concat([this.#section, rest]);
    const read = readTrailers(section, 0, section.length, this.#options.maxTrailerBytes);
    switch (read.kind) {
      case "incomplete":
        this.#section = section;
        return to;
      case "trailers":
        this.#state = "done";
        this.#trailers = read.fields;
        return to - (section.length - read.end);
      case "refusal":
        return this.#refuse(read.code, to);
      default:
        return read satisfies never;
    }
  }

  #expect(byte: number, otherwise: RefusalCode, bytes: Buffer, at: number): number {
    return bytes[at] === byte ? at + 1 : this.#refuse(otherwise, at);
  }

  #refuse(problem: RefusalCode, at: number): number {
    this.#problem = refusal(problem);
    return at;
  }
}
