import { expect, test } from "vitest";
import { FLAG, FRAME } from "./frame.ts";
import { type FrameHandler, FrameReader } from "./frame-reader.ts";

function frame(type: number, flags: number, id: number, payload: string): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, Buffer.from(payload, "latin1")]);
}

/** Writes down what it is given, pieces of one DATA frame as one. */
class Notes implements FrameHandler {
  deaf = false;
  readonly all: string[] = [];
  #data = "";

  frame(type: number, flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    this.all.push(`${type} ${flags} ${id} ${bytes.toString("latin1", from, to)}`);
  }

  dataBegins(id: number, flags: number, length: number): void {
    this.#data = `data ${flags} ${id} ${length} `;
  }

  dataComes(bytes: Buffer, from: number, to: number): void {
    this.#data += bytes.toString("latin1", from, to);
  }

  dataEnds(): void {
    this.all.push(this.#data);
  }

  tooLong(length: number): void {
    this.deaf = true;
    this.all.push(`too long: ${length}`);
  }
}

const FRAMES = Buffer.concat([
  frame(FRAME.settings, 0, 0, ""),
  frame(FRAME.headers, FLAG.endHeaders, 1, "block"),
  frame(FRAME.data, 0, 1, "content"),
  frame(FRAME.data, FLAG.endStream, 1, ""),
  frame(FRAME.data, FLAG.padded, 3, "\x02abc\0\0"),
  frame(FRAME.ping, 0, 0, "12345678"),
]);

const READ = ["4 0 0 ", "1 4 1 block", "data 0 1 7 content", "data 1 1 0 ", "0 8 3 \x02abc\0\0", "6 0 0 12345678"];

test("frames are the same however their bytes are split", () => {
  for (let first = 0; first <= FRAMES.length; first++) {
    for (let second = first; second <= FRAMES.length; second += 3) {
      const notes = new Notes();
      const reader = new FrameReader(notes);
      for (const [from, to] of [
        [0, first],
        [first, second],
        [second, FRAMES.length],
      ] as const) {
        reader.read(Buffer.from(FRAMES.subarray(from, to)), 0, to - from);
      }
      expect(notes.all).toEqual(READ);
    }
  }
});

test("one byte at a time, in memory that is used again, gives the same frames", () => {
  const notes = new Notes();
  const reader = new FrameReader(notes);
  const shared = Buffer.alloc(1);
  for (const byte of FRAMES) {
    shared[0] = byte;
    reader.read(shared, 0, 1);
  }
  expect(notes.all).toEqual(READ);
  expect(reader.insideFrame).toBe(false);
});

test("a frame that is too long is told of when its head is here, whole or in pieces", () => {
  const long = frame(FRAME.headers, 0, 1, "");
  long.writeUIntBE(16 * 1024 + 1, 0, 3);
  for (const split of [0, 4, 9]) {
    const notes = new Notes();
    const reader = new FrameReader(notes);
    reader.read(long.subarray(0, split), 0, split);
    reader.read(long.subarray(split), 0, long.length - split);
    expect(notes.all).toEqual(["too long: 16385"]);
  }
});

test("the body behind a head is taken only when it is whole, the last, and of that stream", () => {
  const bodies: (Buffer | undefined)[] = [];
  const notes = new Notes();
  const reader: FrameReader = new FrameReader({
    get deaf() {
      return false;
    },
    frame: (type, flags, id, bytes, from, to) => {
      notes.frame(type, flags, id, bytes, from, to);
      const length = reader.lastDataBytes(1);
      bodies.push(length < 0 ? undefined : reader.takeData(length));
    },
    dataBegins: (...begin) => notes.dataBegins(...begin),
    dataComes: (...piece) => notes.dataComes(...piece),
    dataEnds: () => notes.dataEnds(),
    tooLong: () => {},
  });
  const head = frame(FRAME.headers, FLAG.endHeaders, 1, "block");
  const send = (...parts: Buffer[]): void => {
    const bytes = Buffer.concat(parts);
    reader.read(bytes, 0, bytes.length);
  };
  send(head, frame(FRAME.data, FLAG.endStream, 1, "whole"));
  send(head, frame(FRAME.data, 0, 1, "more follows"));
  send(head, frame(FRAME.data, FLAG.endStream, 3, "another's"));
  send(head, frame(FRAME.data, FLAG.endStream, 1, "cut").subarray(0, 10));
  send(frame(FRAME.data, FLAG.endStream, 1, "cut").subarray(10));
  expect(bodies.map((body) => body?.toString())).toEqual(["whole", undefined, undefined, undefined]);
  expect(notes.all.filter((note) => note.startsWith("data"))).toEqual([
    "data 0 1 12 more follows",
    "data 1 3 9 another's",
    "data 1 1 3 cut",
  ]);
});
