import { seededRandom } from "@weft/testkit";
import { describe, expect, test, vi } from "vitest";
import { Fields } from "../head/fields.ts";
import { DEFAULT_HEAD_LIMITS } from "../head/head-limits.ts";
import { HpackDecoder } from "../hpack/hpack-decoder.ts";
import { AnyEncoder } from "./any-encoder.suite.ts";
import { HeadReader } from "./head-reader.ts";
import { integer, type LiteralField, literalBlock } from "./literal-block.suite.ts";

const SEED = 5;
const BLOCKS = 4_000;
const TIMES = 12;

const PSEUDO: readonly LiteralField[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":authority", "a"],
  [":path", "/"],
];

describe("a block that comes again", () => {
  test("is not decoded again, and says the same", () => {
    const decoded = vi.spyOn(HpackDecoder.prototype, "decode");
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    const block = literalBlock([...PSEUDO, ["accept", "b"], ["content-length", "3"]]);
    const heads = Array.from({ length: TIMES }, () => reader.request(block, 0, block.length));
    expect(decoded.mock.calls.length).toBeLessThanOrEqual(2);
    decoded.mockRestore();
    for (const head of heads) expect(head).toEqual(heads[0]);
    expect(new Set(heads).size).toBe(TIMES);
  });

  test("gives a head of its own each time: a change to one changes no other", () => {
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    const block = literalBlock([...PSEUDO, ["accept", "b"]]);
    const trailers = literalBlock([["grpc-status", "0"]]);
    for (let i = 0; i < TIMES; i++) {
      const head = reader.request(block, 0, block.length);
      expect(head).toMatchObject({ target: "/", authority: "a", list: ["accept", "b"], lines: "accept: b\r\n" });
      if (head.kind !== "request") throw new Error(head.detail);
      head.target = "/changed";
      head.authority = "changed";
      head.set("accept", "changed");
      const late = reader.trailers(trailers, 0, trailers.length);
      if (!(late instanceof Fields)) throw new Error(late.detail);
      expect(late.list).toEqual(["grpc-status", "0"]);
      late.set("grpc-status", "1");
    }
  });

  test("says something else once the table is another", () => {
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    const skip = (field: LiteralField): void => {
      const block = literalBlock([field]);
      block[0] = 0x40; // with indexing
      expect(reader.skip(block, 0, block.length)).toBeUndefined();
    };
    const newest = Buffer.concat([literalBlock(PSEUDO), Buffer.of(0x80 | 62)]);
    for (let i = 0; i < TIMES; i++) {
      if (i % 4 === 0) skip(["x-own", String(i)]);
      const head = reader.request(newest, 0, newest.length);
      expect(head).toMatchObject({ list: ["x-own", String(i - (i % 4))] });
    }
    const emptied = Buffer.of(0x20);
    expect(reader.skip(emptied, 0, 1)).toBeUndefined();
    expect(reader.request(newest, 0, newest.length)).toMatchObject({ kind: "compression" });
  });

  test("fills the table each time, as if it were decoded", () => {
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    const answer = new AnyEncoder(seededRandom(SEED)).sameEachTime([
      [":status", "200"],
      ["server", "nginx"],
      ["x-own", "1"],
    ]);
    const decoded = vi.spyOn(HpackDecoder.prototype, "decode");
    for (let i = 0; i < TIMES; i++) {
      expect(reader.response(answer, 0, answer.length)).toMatchObject({ list: ["server", "nginx", "x-own", "1"] });
    }
    expect(decoded.mock.calls.length).toBeLessThanOrEqual(2);
    decoded.mockRestore();
    // 3 x 12 entries were put in: the oldest is a :status, the newest an x-own.
    const both = Buffer.concat([Buffer.of(0x80 | (62 + 3 * TIMES - 1)), Buffer.of(0x80 | 62)]);
    expect(reader.response(both, 0, both.length)).toMatchObject({ status: 200, list: ["x-own", "1"] });
    const beyond = Buffer.of(0x80 | (62 + 3 * TIMES));
    expect(reader.response(beyond, 0, 1)).toMatchObject({ kind: "compression" });
  });

  test("is known to come again, also where it follows one that differs in its middle alone", () => {
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    // As from a server each second: a date in the middle of what else is the same.
    const numbers = ["12:00:01", "12:00:02", "12:00:03"].map((date) => {
      const answer = new AnyEncoder(seededRandom(SEED)).sameEachTime([
        [":status", "200"],
        ["server", "nginx, of a longer name"],
        ["date", date],
        ["accept-ranges", "bytes, and as many more"],
      ]);
      const lists = Array.from({ length: TIMES }, () => {
        const head = reader.response(answer, 0, answer.length);
        if (!(head instanceof Fields)) throw new Error(head.detail);
        return head.asList();
      });
      expect(new Set(lists).size).toBeLessThanOrEqual(2);
      return lists.at(-1)!.number;
    });
    expect(numbers).not.toContain(0);
    expect(new Set(numbers).size).toBe(3);
  });

  test("leaves the table as a decoder has it, however often it fills it", () => {
    const fields: readonly LiteralField[] = [
      [":status", "200"],
      ["server", "nginx"],
      ["x-own", "a".repeat(500)],
      ["x-other", "b".repeat(100)],
    ];
    const answers = [4, 3].map((count) => new AnyEncoder(seededRandom(SEED)).sameEachTime(fields.slice(0, count)));
    const [remembering, decoding] = [new HeadReader(DEFAULT_HEAD_LIMITS), new HeadReader(DEFAULT_HEAD_LIMITS)];
    const smaller = Buffer.concat([Buffer.of(0x3f, 0xe1, 0x07), literalBlock([[":status", "204"]])]); // 1,024 bytes
    for (let i = 0; i < 60; i++) {
      const answer = i === 40 ? smaller : answers[i % 25 < 20 ? 0 : 1]!;
      expect(remembering.response(answer, 0, answer.length)).toHaveProperty("kind", "response");
      expect(decoding.skip(answer, 0, answer.length)).toBeUndefined();
      expect(entriesOf(remembering), `after ${i}`).toEqual(entriesOf(decoding));
    }
  });

  test("is read anew when it has a field that is never to be indexed", () => {
    const decoded = vi.spyOn(HpackDecoder.prototype, "decode");
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    const block = literalBlock([...PSEUDO, ["x-token", "b", "never"]]);
    for (let i = 0; i < TIMES; i++) reader.request(block, 0, block.length);
    expect(decoded.mock.calls.length).toBe(TIMES);
    decoded.mockRestore();
  });

  test("as another kind is read by the rules of that kind", () => {
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    const block = literalBlock([["grpc-status", "0"]]);
    for (let i = 0; i < TIMES; i++) {
      expect(reader.trailers(block, 0, block.length)).toBeInstanceOf(Fields);
      expect(reader.response(block, 0, block.length)).toMatchObject({ code: "pseudo-missing" });
      expect(reader.request(block, 0, block.length)).toMatchObject({ code: "pseudo-missing" });
    }
  });
});

test("blocks that differ in any one byte are never taken for each other", () => {
  const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
  const values = ["a".repeat(150), `${"a".repeat(75)}b${"a".repeat(74)}`, `b${"a".repeat(149)}`, `${"a".repeat(149)}b`];
  const blocks = values.map((value) => literalBlock([...PSEUDO, ["x-before", "1"], ["x-a", value], ["x-behind", "2"]]));
  for (let i = 0; i < 40; i++) {
    for (const [n, block] of blocks.entries()) {
      for (let times = 0; times <= i % 3; times++) {
        const head = reader.request(block, 0, block.length);
        expect(head).toMatchObject({ list: ["x-before", "1", "x-a", values[n], "x-behind", "2"] });
      }
    }
  }
});

test("a malformed block stays malformed, however often it comes", () => {
  const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
  const block = literalBlock([...PSEUDO, ["x-a", "b\n"]]);
  for (let i = 0; i < TIMES; i++) {
    expect(reader.request(block, 0, block.length)).toMatchObject({ code: "field-value" });
  }
  // It put its field into the table before it was found wrong, so an index brings it back, as wrong as it was.
  block[block.length - "b\n".length - 1 - "x-a".length - 1 - 1] = 0x40;
  expect(reader.request(block, 0, block.length)).toMatchObject({ code: "field-value" });
  const again = Buffer.concat([literalBlock(PSEUDO), Buffer.of(0x80 | 62)]);
  for (let i = 0; i < TIMES; i++) expect(reader.request(again, 0, again.length)).toMatchObject({ code: "field-value" });
});

test("whatever a peer writes and repeats is read as it was meant", () => {
  const random = seededRandom(SEED);
  const encoder = new AnyEncoder(random);
  const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
  const decoded = vi.spyOn(HpackDecoder.prototype, "decode");
  for (let i = 0; i < BLOCKS; i++) {
    const few = random.unit() < 0.8;
    const path = `/${random.below(few ? 3 : 300)}`;
    const own = String(random.below(few ? 2 : 50));
    const fields: readonly LiteralField[] = [
      [":method", random.unit() < 0.5 ? "GET" : "POST"],
      [":scheme", "http"],
      [":path", path],
      [":authority", "orders:80"],
      ["user-agent", "x".repeat(few ? 20 : 400)],
      random.unit() < 0.02 ? ["x-own", own, "never"] : ["x-own", own],
    ];
    const block = random.unit() < 0.3 ? encoder.sameEachTime(fields.slice(0, 5)) : encoder.block(fields);
    const head = reader.request(block, 0, block.length);
    const list = (head as { list?: readonly string[] }).list; // undefined of a problem
    const agent = ["user-agent", fields[4]![1]];
    const isRight =
      head.kind === "request" &&
      head.method === fields[0]![1] &&
      head.target === path &&
      (String(list) === String(agent) || String(list) === String([...agent, "x-own", own]));
    if (!isRight) expect(head, `seed ${SEED}, block ${i}`).toMatchObject({ target: path });
    expect(isRight, `seed ${SEED}, block ${i}`).toBe(true);
  }
  expect(decoded.mock.calls.length).toBeLessThan(BLOCKS * 0.9); // some were known again
  decoded.mockRestore();
});

/** All that the table of a reader holds, the newest first. */
function entriesOf(reader: HeadReader): readonly unknown[] {
  const entries: unknown[] = [];
  for (let index = 62; ; index++) {
    const bytes = Buffer.concat([literalBlock([[":status", "200"]]), integer(index, 7)]);
    bytes[bytes.length - integer(index, 7).length]! |= 0x80;
    const head = reader.response(bytes, 0, bytes.length);
    if (head.kind === "compression") return entries;
    entries.push(head.kind === "response" ? head.list : head.code);
  }
}
