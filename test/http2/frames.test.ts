import { describe, expect, test } from "vitest";
import { block, get, integer, literal, type Pair, tableSize } from "./field-block.ts";
import { continuation, data, FrameCutter, headers, inWords, ping, priority, settings } from "./frames.ts";
import { fieldReader, readBlock } from "./read-block.ts";

// The tools of these tests, held against worked examples: RFC 7541 appendix C, and each other.

describe("frames that the tests write", () => {
  test("are read again, however they are cut", () => {
    const whole = Buffer.concat([
      settings([4, 70_000]),
      headers(1, get("/cut").subarray(0, 20), { endHeaders: false, pad: 3 }),
      continuation(1, get("/cut").subarray(20)),
      data(1, "content", { end: true, pad: 9 }),
      priority(3, 1, 7, true),
      ping(),
    ]);
    const once = new FrameCutter(fieldReader()).push(whole).map(inWords);
    expect(once).toHaveLength(6);
    expect(once[1]).toContain('[":path","/cut"]');
    for (let at = 0; at <= whole.length; at++) {
      const cutter = new FrameCutter(fieldReader());
      // A block is told of its HEADERS once it is whole: look at both pieces at the end.
      const frames = [...cutter.push(whole.subarray(0, at)), ...cutter.push(whole.subarray(at))];
      expect(frames.map(inWords)).toEqual(once);
    }
  });
});

describe("blocks that the tests write", () => {
  test("are read again, through a table that is filled and emptied", () => {
    const reader = fieldReader();
    const pairs: readonly Pair[] = [
      ["x-a", "v".repeat(300)],
      ["", ""],
    ];
    expect(readBlock(reader, block(...pairs))).toEqual(pairs);
    expect(readBlock(reader, Buffer.concat([literal("x-b", "kept", 0x40), Buffer.of(0xbe)]))).toEqual([
      ["x-b", "kept"],
      ["x-b", "kept"],
    ]);
    expect(() => readBlock(reader, Buffer.concat([tableSize(0), Buffer.of(0xbe)]))).toThrow("index 62");
  });

  test.each([
    [10, 5, "0a"],
    [1_337, 5, "1f9a0a"],
    [42, 8, "2a"],
  ])("hold the integer %d as RFC 7541 C.1 does", (value, bits, hex) => {
    expect(integer(value, bits, 0).toString("hex")).toBe(hex);
  });

  test("are read as RFC 7541 C.6.1 has them, as far as Huffman strings are digits", () => {
    expect(readBlock(fieldReader(), Buffer.from("488264025885aec3771a4b", "hex"))).toEqual([
      [":status", "302"],
      ["cache-control", "huffman:aec3771a4b"],
    ]);
  });
});
