import { Fields } from "@weft/http";
import { describe, expect, test } from "vitest";
import { MessageFrames } from "./message-frames.ts";
import { trailerFrame } from "./trailer-frame.ts";

/** A message with its head. */
function message(text: string, flags = 0): Buffer {
  return Buffer.concat([Buffer.from([flags, 0, 0, 0, text.length]), Buffer.from(text, "latin1")]);
}

describe("the frames of messages", () => {
  test("are followed at every split, and a boundary is where a message ends", () => {
    const bytes = Buffer.concat([message("one"), message(""), message("compressed", 1)]);
    const boundaries = [0, 8, 13, 28];
    for (let at = 0; at <= bytes.length; at++) {
      const frames = new MessageFrames();
      frames.read(bytes.subarray(0, at));
      expect(frames.atBoundary, `after ${at} bytes`).toBe(boundaries.includes(at));
      frames.read(bytes.subarray(at));
      expect(frames.atBoundary).toBe(true);
    }
  });

  test("are followed byte by byte", () => {
    const frames = new MessageFrames();
    const boundaries: number[] = [];
    for (const [at, byte] of Buffer.concat([message("one"), message("")]).entries()) {
      frames.read(Buffer.from([byte]));
      if (frames.atBoundary) boundaries.push(at + 1);
    }
    expect(boundaries).toEqual([8, 13]);
  });

  test("may be longer than 2 GiB", () => {
    const frames = new MessageFrames();
    frames.read(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]));
    expect(frames.atBoundary).toBe(false);
  });
});

describe("the frame of trailers", () => {
  test("has a line for each field, names in lower case, and no empty line", () => {
    const frame = trailerFrame(
      Fields.ofLines("Grpc-Status: 5\r\ngrpc-message: no%20such%20order\r\nX-Twice: a\r\nX-Twice: b\r\n"),
    );
    const text = "grpc-status: 5\r\ngrpc-message: no%20such%20order\r\nx-twice: a\r\nx-twice: b\r\n";
    expect(frame.toString("latin1")).toBe(`\x80\0\0\0${String.fromCharCode(text.length)}${text}`);
  });

  test("keeps bytes beyond ASCII as they came", () => {
    expect(trailerFrame(Fields.ofLines("x: \xe9\r\n")).subarray(5).toString("latin1")).toBe("x: \xe9\r\n");
  });
});
