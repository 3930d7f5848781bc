import type { Socket } from "node:net";
import { field, FieldWriter } from "./field-writer.ts";
import * as h2 from "./frames.ts";

const { FRAME } = h2;
const HEADER_TABLE_SIZE = 1;
const MAX_CONCURRENT_STREAMS = 3;
const INITIAL_WINDOW_SIZE = 4;
const WINDOW = 1024 * 1024;
const PROTOCOL_ERROR = 1;
const NOTHING = Buffer.alloc(0);

const OK = field(":status", "200");
const GRPC = field("content-type", "application/grpc");
const GRPC_OK = field("grpc-status", "0");

/**
 * unary: a gRPC method whose answer is its request: 200, the same message, trailers with grpc-status 0.
 * take: counts a body without keeping it, and answers 200 behind its last byte.
 * hold: answers 200 at once, and then nothing more: a call whose stream of messages is quiet.
 */
export type EndpointKind = "unary" | "take" | "hold";

/** @throws Error when there is none of that name */
export function kindOf(name: string | undefined): EndpointKind {
  if (name === "unary" || name === "take" || name === "hold") return name;
  throw new Error(`no kind of endpoint ${name}`);
}

/** Streams of all connections of a process. */
export interface EndpointCounts {
  requests: number;
  answered: number;
  /** By the other side. */
  cut: number;
  /** Because a body was not one gRPC message. */
  refused: number;
}

/** A connection that an endpoint has accepted. */
export class EndpointConnection {
  readonly #socket: Socket;
  readonly #kind: EndpointKind;
  readonly #counted: EndpointCounts;
  readonly #reader = new h2.FrameReader();
  readonly #out = new h2.FrameWriter();
  readonly #fields = new FieldWriter();
  /** Octets of the preface still to come. */
  #preface = h2.PREFACE.length;
  /** Bodies that have begun and not ended. */
  readonly #bodies = new Map<number, Buffer>();
  /** What the connection may still send, and what waits for more. Windows of streams are never filled by a message. */
  #window = 65_535;
  readonly #waiting: (readonly [stream: number, message: Buffer])[] = [];
  /** Received and not credited yet. */
  #uncredited = 0;

  constructor(socket: Socket, kind: EndpointKind, counted: EndpointCounts) {
    this.#socket = socket;
    this.#kind = kind;
    this.#counted = counted;
    // As many streams as grpc-go takes by default: no limit.
    this.#out.settings([
      [MAX_CONCURRENT_STREAMS, 2 ** 31 - 1],
      [INITIAL_WINDOW_SIZE, WINDOW],
    ]);
    this.#out.number(FRAME.window, 0, h2.WHOLE_WINDOW);
    this.#flush();
  }

  read(bytes: Buffer): void {
    const skipped = Math.min(this.#preface, bytes.length);
    this.#preface -= skipped;
    this.#reader.read(skipped === 0 ? bytes : bytes.subarray(skipped), this.#take);
    this.#flush();
  }

  readonly #take: h2.FrameTaker = (type, flags, stream, bytes, from, to) => {
    switch (type) {
      case FRAME.headers:
        this.#counted.requests++;
        if (this.#kind === "hold") this.#answerHead(stream, 0);
        else if ((flags & h2.END_STREAM) === 0) this.#bodies.set(stream, NOTHING);
        else this.#finish(stream, NOTHING);
        return;
      case FRAME.data:
        return this.#data(flags, stream, bytes, from, to);
      case FRAME.reset:
        this.#counted.cut++;
        this.#bodies.delete(stream);
        return;
      case FRAME.settings:
        if ((flags & h2.ACK) !== 0) return;
        if ((h2.settingOf(HEADER_TABLE_SIZE, bytes, from, to) ?? 4_096) < 4_096) this.#socket.destroy();
        return this.#out.frame(FRAME.settings, h2.ACK, 0, NOTHING);
      case FRAME.ping:
        if ((flags & h2.ACK) === 0) this.#out.frame(FRAME.ping, h2.ACK, 0, bytes.subarray(from, to));
        return;
      case FRAME.window:
        if (stream === 0) this.#widen(bytes.readUInt32BE(from));
        return;
      default: // PRIORITY, GOAWAY, CONTINUATION: nothing depends on them here
    }
  };

  #data(flags: number, stream: number, bytes: Buffer, from: number, to: number): void {
    this.#uncredited += to - from;
    if (this.#uncredited > WINDOW) {
      this.#out.number(FRAME.window, 0, this.#uncredited);
      this.#uncredited = 0;
    }
    const ends = (flags & h2.END_STREAM) !== 0;
    if (this.#kind !== "unary") {
      if (!ends && to > from) this.#out.number(FRAME.window, stream, to - from);
      if (ends && this.#kind === "take") this.#finish(stream, NOTHING);
      return;
    }
    const before = this.#bodies.get(stream);
    if (before === undefined) return; // it was cut
    const piece = h2.dataOf(flags, bytes, from, to);
    const body = before.length === 0 ? piece : Buffer.concat([before, piece]);
    if (ends) this.#finish(stream, body);
    else this.#bodies.set(stream, Buffer.from(body));
  }

  #finish(stream: number, body: Buffer): void {
    this.#bodies.delete(stream);
    if (this.#kind === "take") {
      this.#counted.answered++;
      this.#answerHead(stream, h2.END_STREAM);
    } else if (!isMessage(body)) {
      this.#counted.refused++;
      this.#out.number(FRAME.reset, stream, PROTOCOL_ERROR);
    } else if (body.length > this.#window) this.#waiting.push([stream, Buffer.from(body)]);
    else this.#answer(stream, body);
  }

  #answer(stream: number, message: Buffer): void {
    this.#counted.answered++;
    this.#window -= message.length;
    this.#answerHead(stream, 0);
    this.#out.frame(FRAME.data, 0, stream, message);
    const trailers = this.#fields.begin().field(GRPC_OK).end();
    this.#out.frame(FRAME.headers, h2.END_HEADERS | h2.END_STREAM, stream, trailers);
  }

  #answerHead(stream: number, flags: number): void {
    const head = this.#fields.begin().field(OK);
    const block = (this.#kind === "take" ? head : head.field(GRPC)).end();
    this.#out.frame(FRAME.headers, h2.END_HEADERS | flags, stream, block);
  }

  #widen(by: number): void {
    this.#window += by;
    while (this.#waiting.length > 0 && this.#waiting[0]![1].length <= this.#window) {
      this.#answer(...this.#waiting.shift()!);
    }
  }

  #flush(): void {
    const bytes = this.#out.take();
    if (bytes !== undefined) this.#socket.write(bytes);
  }
}

/** One message, not compressed, whose length is right. */
function isMessage(body: Buffer): boolean {
  return body.length >= 5 && body[0] === 0 && body.readUInt32BE(1) === body.length - 5;
}
