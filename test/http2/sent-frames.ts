import { FLAGS, type Frame, inWords, TYPE } from "./frames.ts";

const MOST = 16_384;
const { END_STREAM, END_HEADERS, ACK } = FLAGS;

/** By type, for what weft has reason to send: the flags that mean something. Source: RFC 9113 6; it never pads. */
const FLAGS_OF: ReadonlyMap<number, number> = new Map<number, number>([
  [TYPE.DATA, END_STREAM],
  [TYPE.HEADERS, END_STREAM | END_HEADERS],
  [TYPE.RST_STREAM, 0],
  [TYPE.SETTINGS, ACK],
  [TYPE.PING, ACK],
  [TYPE.GOAWAY, 0],
  [TYPE.WINDOW_UPDATE, 0],
  [TYPE.CONTINUATION, END_HEADERS],
]);
const OF_CONNECTION: ReadonlySet<number> = new Set([TYPE.SETTINGS, TYPE.PING, TYPE.GOAWAY]);
const OF_OWN_CONNECTION = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);
const PSEUDO = new Set([":status", ":method", ":scheme", ":authority", ":path", ":protocol"]);

/** Holds what weft sends on a connection to what a sender MUST and MUST NOT, whatever the test is about. */
export class SentFrames {
  /** The HEADERS whose block goes on. */
  #open: Frame | undefined = undefined;
  /** Streams whose last frame was sent: with END_STREAM, or RST_STREAM, behind which nothing may come. */
  readonly #ended = new Set<number>();
  readonly #reset = new Set<number>();
  /** Streams with a head that was no interim one. */
  readonly #begun = new Set<number>();
  #lastStream = 2 ** 31 - 1;
  #settings = 0;

  /** @returns what is wrong with the next frame, in words; undefined: nothing */
  wrongIn(one: Frame): string | undefined {
    const first = one.type === TYPE.CONTINUATION ? (this.#open ?? one) : one;
    const wrong = this.#form(one) ?? this.#order(one) ?? this.#state(one) ?? this.#fields(first, one.flags);
    return wrong === undefined ? undefined : `${wrong}: ${inWords(one)}`;
  }

  #form({ type, flags, stream, payload }: Frame): string | undefined {
    const known = FLAGS_OF.get(type);
    if (known === undefined) return "a frame that weft has no reason to send";
    if ((flags & ~known) !== 0) return "a flag that means nothing, or padding (4.1)";
    if (stream >= 2 ** 31) return "the reserved bit of the stream is set (4.1)";
    if (payload.length > MOST) return "longer than every peer takes (4.2)";
    if (type !== TYPE.WINDOW_UPDATE && OF_CONNECTION.has(type) !== (stream === 0)) return "on the wrong stream (6)";
    if (type === TYPE.WINDOW_UPDATE && payload.readInt32BE(0) <= 0) return "by 0, or with the reserved bit (6.9)";
    return undefined;
  }

  #order(one: Frame): string | undefined {
    const { type, flags, stream, payload } = one;
    if (type === TYPE.CONTINUATION) {
      if (stream !== this.#open?.stream) return "CONTINUATION of nothing (6.10)";
      if ((flags & END_HEADERS) !== 0) this.#open = undefined;
    } else if (this.#open !== undefined) return "inside a block (4.3)";
    if (type === TYPE.HEADERS && (flags & END_HEADERS) === 0) this.#open = one;
    // Tables and windows are never made smaller under a peer (4.3.1, 6.9.3).
    if (type === TYPE.SETTINGS && (flags & ACK) === 0 && ++this.#settings > 1) return "SETTINGS of its own once more";
    if (type !== TYPE.GOAWAY) return undefined;
    const last = payload.readUInt32BE(0);
    if (last > this.#lastStream) return "a later last stream than before (6.8)";
    this.#lastStream = last;
    return undefined;
  }

  #state({ type, flags, stream }: Frame): string | undefined {
    if (stream === 0 || type === TYPE.CONTINUATION) return undefined;
    if (this.#reset.has(stream)) return "behind RST_STREAM (5.1)";
    const content = type === TYPE.HEADERS || type === TYPE.DATA;
    if (content && this.#ended.has(stream)) return "behind END_STREAM (5.1)";
    if (type === TYPE.DATA && !this.#begun.has(stream)) return "content before its head (8.1)";
    if (content && (flags & END_STREAM) !== 0) this.#ended.add(stream);
    if (type === TYPE.RST_STREAM) this.#reset.add(stream);
    return undefined;
  }

  /** @param lastFlags of the frame that may be the end of the block */
  #fields({ stream, flags, fields }: Frame, lastFlags: number): string | undefined {
    if (fields === undefined || (lastFlags & END_HEADERS) === 0) return undefined;
    const names = fields.map(([name]) => name);
    const pseudo = names.filter((name) => name.startsWith(":"));
    if (names.some((name) => name === "" || name !== name.toLowerCase())) return "a name that is not lower case (8.2)";
    if (names.some((name) => OF_OWN_CONNECTION.has(name))) return "a field of HTTP/1.1's connection (8.2.2)";
    if (fields.some(([name, value]) => name === "te" && value !== "trailers"))
      return "TE of more than trailers (8.2.2)";
    if (fields.some(([, value]) => /^[ \t]|[ \t]$|[\0\r\n]/.test(value))) return "a value that none may have (8.2.1)";
    if (pseudo.some((name, at) => !PSEUDO.has(name) || names[at] !== name || pseudo.indexOf(name) !== at)) {
      return "a pseudo-header that is unknown, late, or there twice (8.3)";
    }
    const trailers = this.#begun.has(stream);
    if (trailers !== (pseudo.length === 0)) return "pseudo-headers in trailers, or a head without (8.1, 8.3)";
    if (trailers && (flags & END_STREAM) === 0) return "trailers that are not the end (8.1)";
    const interim = fields.some(([name, value]) => name === ":status" && value.startsWith("1"));
    if (interim && (flags & END_STREAM) !== 0) return "an interim answer that is the end (8.1)";
    if (!interim) this.#begun.add(stream);
    return undefined;
  }
}
