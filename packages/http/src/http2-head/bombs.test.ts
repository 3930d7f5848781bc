import { describe, expect, test, vi } from "vitest";
import { DEFAULT_HEAD_LIMITS } from "../head/head-limits.ts";
import { HeadReader } from "./head-reader.ts";
import { HeaderBlock } from "./header-block.ts";
import { type LiteralField, literalBlock } from "./literal-block.suite.ts";

const PSEUDO: readonly LiteralField[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":authority", "a"],
  [":path", "/"],
];
/** What the newest entry of the table is referred to by. */
const NEWEST = 0x80 | 62;

describe("a block that stands for far more than it is (RFC 9113 10.5.1)", () => {
  test("is refused at the limit, and not listened to behind it", () => {
    const told = vi.spyOn(HeaderBlock.prototype, "field");
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    fill(reader, ["x-large", "v".repeat(4_000)]);
    const bomb = Buffer.concat([literalBlock(PSEUDO), Buffer.alloc(16_000, NEWEST)]); // for 64 MB
    expect(reader.request(bomb, 0, bomb.length)).toMatchObject({ kind: "refused", status: 431, code: "head-too-long" });
    expect(told.mock.calls.length).toBeLessThan(10);
    told.mockRestore();
  });

  test("leaves the table right: what it put in behind the limit is there", () => {
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    fill(reader, ["x-large", "v".repeat(3_000)]);
    const late = literalBlock([["x-late", "w"]]);
    late[0] = 0x40; // with indexing
    const bomb = Buffer.concat([literalBlock(PSEUDO), Buffer.alloc(1_000, NEWEST), late]);
    expect(reader.request(bomb, 0, bomb.length)).toMatchObject({ code: "head-too-long" });
    const next = Buffer.concat([literalBlock(PSEUDO), Buffer.of(NEWEST)]);
    expect(reader.request(next, 0, next.length)).toMatchObject({ list: ["x-late", "w"] });
  });

  test("is malformed as a compression, when it is, also behind the limit", () => {
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    const beyond = Buffer.concat([literalBlock([...PSEUDO, ["a", "b".repeat(20_000)]]), Buffer.of(NEWEST)]);
    expect(reader.request(beyond, 0, beyond.length)).toMatchObject({ kind: "compression" });
  });

  test("counts 32 bytes for each field, so that empty ones do not come for nothing", () => {
    const block = literalBlock([...PSEUDO, ...Array.from({ length: 99 }, (): LiteralField => ["a", ""])]);
    const limits = (maxHeadBytes: number) => ({ ...DEFAULT_HEAD_LIMITS, maxHeadBytes });
    expect(new HeadReader(limits(3_433)).request(block, 0, block.length)).toMatchObject({ kind: "request" });
    expect(new HeadReader(limits(3_432)).request(block, 0, block.length)).toMatchObject({ code: "head-too-long" });
  });

  test.each(["request", "response", "trailers"] as const)("may have 100 fields in a block of %s", (kind) => {
    const fields = (count: number) => Array.from({ length: count }, (_, i): LiteralField => [`a${i}`, ""]);
    const first: readonly LiteralField[] =
      kind === "request" ? PSEUDO : kind === "response" ? [[":status", "200"]] : [];
    const read = (count: number) => {
      const block = literalBlock([...first, ...fields(count)]);
      return new HeadReader(DEFAULT_HEAD_LIMITS)[kind](block, 0, block.length);
    };
    expect(read(100)).toHaveProperty("list.length", 200);
    expect(read(101)).toMatchObject({ kind: "refused", code: "too-many-fields" });
  });
});

function fill(reader: HeadReader, field: LiteralField): void {
  const block = literalBlock([field]);
  block[0] = 0x40; // with indexing
  expect(reader.skip(block, 0, block.length)).toBeUndefined();
}
