import type { BodySink, BodySource, Fields } from "@weft/http";

/** Where a body comes from, as the test says. */
export class Source implements BodySource {
  readonly length = -1;
  readonly chunked = false;
  readonly room = 64;
  sink: BodySink | undefined = undefined;
  resumed = 0;
  cancelled = false;

  attach(sink: BodySink): void {
    this.sink = sink;
  }

  resume(): void {
    this.resumed++;
  }

  cancel(): void {
    this.cancelled = true;
  }
}

/** Writes down what it is told, and forgets the memory as soon as it says that it is the source's again. */
export class Sink implements BodySink {
  readonly takesChunks = false;
  readonly keeps: boolean;
  takes = true;
  /** All that was written. */
  written = Buffer.alloc(0);
  /** The size of each write. */
  readonly writes: number[] = [];
  /** Trailers as lines; undefined: it has not ended. */
  trailers: string | undefined = undefined;
  failure: unknown = undefined;

  constructor(keeps = true) {
    this.keeps = keeps;
  }

  write(bytes: Buffer): boolean {
    this.writes.push(bytes.length);
    this.written = Buffer.concat([this.written, bytes]);
    return this.takes;
  }

  end(trailers: Fields): void {
    this.trailers = trailers.lines;
  }

  fail(reason: unknown): void {
    this.failure = reason;
  }
}

/** A message with its head. */
export function message(text: string, flags = 0): Buffer {
  return Buffer.concat([Buffer.from([flags, 0, 0, 0, text.length]), Buffer.from(text, "latin1")]);
}

/** The frame of trailers. */
export function trailers(lines: string): Buffer {
  return message(lines, 0x80);
}
