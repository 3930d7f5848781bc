import { endToEnd, type FieldList, type Message, type Reading, type Stream } from "./message.ts";
import {
  ChunkedDecoder,
  DEFAULT_HEAD_LIMITS,
  parseRequestHead,
  parseResponseHead,
  type RequestHead,
  type ResponseHead,
  responseFraming,
} from "./ours.ts";

const MAX_TRAILER_BYTES = 8 * 1024;

type Head = RequestHead | ResponseHead;

/**
 * What our reader makes of a stream that comes in several reads, the way a connection uses it: a head is parsed again
 * from its start when more bytes have come, a body goes on where it stopped.
 *
 * @param cuts offsets at which a read ends, rising; the last read takes the rest, and then the connection ends
 */
export function readByUs(stream: Stream, bytes: Buffer, cuts: readonly number[]): OurReading {
  const reader = new Reader(stream, bytes);
  for (const cut of cuts) reader.readTo(cut);
  reader.readTo(bytes.length);
  return reader.ended();
}

/** A message in our own words. */
interface Read {
  readonly head: Head;
  readonly body: string;
  readonly trailers: string;
  readonly keepAlive: boolean;
}

export interface OurReading {
  readonly read: readonly Read[];
  readonly end: string;
  readonly endAt: number;
}

/** Our reading in the words of both readers. */
export function inCommonWords({ read, end, endAt }: OurReading): Reading {
  return { messages: read.map(message), end, endAt };
}

/** Whether two readings are the same in every part, those included that only we have a word for. */
export function isSameReading(one: OurReading, other: OurReading): boolean {
  if (one.end !== other.end || one.endAt !== other.endAt || one.read.length !== other.read.length) return false;
  return one.read.every((mine, i) => {
    const its = other.read[i]!;
    if (mine.body !== its.body || mine.trailers !== its.trailers || mine.head.lines !== its.head.lines) return false;
    for (const slot in mine.head) {
      // Both were made by the same parser: they have the same slots.
      if (mine.head[slot as keyof Head] !== its.head[slot as keyof Head]) return false;
    }
    return true;
  });
}

function message({ head, body, trailers, keepAlive }: Read): Message {
  return {
    start: head.kind === "request" ? [head.method, target(head)] : [String(head.status), head.reason],
    minor: head.minor,
    fields: [...head.entries()],
    body,
    trailers: endToEnd(listOf(trailers), "trailers"),
    keepAlive,
  };
}

class Reader {
  readonly #stream: Stream;
  readonly #bytes: Buffer;
  readonly #read: Read[] = [];
  #at = 0;
  #endAt = 0;
  #end = "more";
  #head: Head | undefined = undefined;
  #decoder: ChunkedDecoder | undefined = undefined;
  #missing = 0;
  #body = "";

  constructor(stream: Stream, bytes: Buffer) {
    this.#stream = stream;
    this.#bytes = bytes;
  }

  readTo(to: number): void {
    while (this.#end === "more" && this.#step(to));
  }

  ended(): OurReading {
    if (this.#end === "more" && this.#head !== undefined && this.#missing === Number.POSITIVE_INFINITY) {
      this.#complete("", true);
    }
    return { read: this.#read, end: this.#end, endAt: this.#endAt };
  }

  data(bytes: Buffer, from: number, to: number): void {
    this.#body += bytes.toString("latin1", from, to);
  }

  /** @returns whether there may be more to do with the bytes up to `to` */
  #step(to: number): boolean {
    if (this.#head === undefined) return this.#begin(to);
    if (this.#decoder !== undefined) {
      this.#at = this.#decoder.read(this.#bytes, this.#at, to, this);
      if (this.#decoder.problem !== undefined) this.#end = this.#decoder.problem.code;
      else if (this.#decoder.done) this.#complete(this.#decoder.trailers.lines, false);
      return this.#head === undefined;
    }
    const taken = Math.min(this.#missing, to - this.#at);
    this.data(this.#bytes, this.#at, this.#at + taken);
    this.#at += taken;
    this.#missing -= taken;
    if (this.#missing > 0) return false;
    this.#complete("", false);
    return true;
  }

  #begin(to: number): boolean {
    const parse = this.#stream.kind === "request" ? parseRequestHead : parseResponseHead;
    const head = parse(this.#bytes, this.#at, to, DEFAULT_HEAD_LIMITS);
    if (head === undefined) return false;
    if (head.kind === "refusal") {
      this.#end = head.code;
      return false;
    }
    this.#head = head;
    this.#at = head.end;
    this.#body = "";
    this.#decoder = undefined;
    this.#missing = 0;
    const framing = head.kind === "request" ? requestFraming(head) : responseFraming(this.#stream.answers, head);
    if (framing === "chunked") {
      this.#decoder = new ChunkedDecoder({ maxTrailerBytes: MAX_TRAILER_BYTES, keepFraming: false });
    } else if (framing === "length") this.#missing = head.contentLength;
    else if (framing === "close") this.#missing = Number.POSITIVE_INFINITY;
    return true;
  }

  #complete(trailers: string, closed: boolean): void {
    const head = this.#head!; // there is one while a body is read
    this.#head = undefined;
    const tunnel = this.#becomesTunnel(head);
    const untold = head.kind === "response" && (tunnel || this.#stream.answers === "HEAD"); // by the other reader
    const keepAlive = untold || (head.keepAlive && !closed);
    this.#endAt = this.#at;
    this.#read.push({ head, body: this.#body, trailers, keepAlive });
    if (!keepAlive || tunnel) this.#end = "over";
  }

  #becomesTunnel(head: Head): boolean {
    if (head.kind === "request") return head.form === "authority" || head.upgrade !== "";
    return head.status === 101 || (this.#stream.answers === "CONNECT" && head.status >= 200 && head.status < 300);
  }
}

function requestFraming(head: RequestHead): "none" | "length" | "chunked" {
  return head.chunked ? "chunked" : head.contentLength > 0 ? "length" : "none";
}

/** The target as it was sent, put together again from what the head says. */
function target(head: RequestHead): string {
  return head.form === "absolute" ? `${head.scheme}://${head.authority}${head.target}` : head.target;
}

function listOf(lines: string): FieldList {
  return lines
    .split("\r\n")
    .filter((line) => line !== "")
    .map(
      (line) =>
        [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).replace(/^[ \t]+|[ \t]+$/g, "")] as const,
    );
}
