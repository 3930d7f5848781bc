import { describe, expect, test } from "vitest";
import { DEFAULT_HEAD_LIMITS } from "../head/head-limits.ts";
import { HeadReader } from "./head-reader.ts";
import { huffman, type LiteralField, literalBlock } from "./literal-block.suite.ts";
import {
  MALFORMED_REQUESTS,
  MALFORMED_RESPONSES,
  MALFORMED_TRAILERS,
  REFUSED_REQUESTS,
  withFields,
  withPseudo,
} from "./refused-blocks.suite.ts";

describe("a block of a request is malformed", () => {
  test.each(MALFORMED_REQUESTS)("$what", ({ fields, code }) => {
    expect(read("request", fields)).toMatchObject({ kind: "malformed", code });
    expect(read("request", fields, huffman)).toMatchObject({ kind: "malformed", code });
  });
});

describe("a block of a request is answered with a status", () => {
  test.each(REFUSED_REQUESTS)("$what: $status", ({ fields, code, status }) => {
    expect(read("request", fields)).toMatchObject({ kind: "refused", code, status });
  });
});

describe("a block of a response is malformed", () => {
  test.each(MALFORMED_RESPONSES)("$what", ({ fields, code }) => {
    expect(read("response", fields)).toMatchObject({ kind: "malformed", code });
  });
});

describe("a block of trailers is malformed", () => {
  test.each(MALFORMED_TRAILERS)("$what", ({ fields, code }) => {
    expect(read("trailers", fields)).toMatchObject({ kind: "malformed", code });
  });
});

describe("a block is taken", () => {
  test.each<[string, readonly LiteralField[]]>([
    ["8.3.1: with Host in the place of :authority", [...withPseudo(":authority"), ["host", "a"]]],
    ["8.3.1: with a Host that names the same in another case", withFields(["host", "A"])],
    ["8.3.1: with any path that HTTP/1.1 takes", withPseudo(":path", "/a?b=[1]&c={d}|e^`%00%ff//;=,@:")],
    ["8.2.1: with tabs and bytes beyond ASCII inside a value", withFields(["x-a", "b\t \xe9\xff c"])],
    ["8.2.2: with TE: trailers in any case", withFields(["te", "Trailers"])],
    ["with 100 fields, and as many crumbs as the list has room for", withFields(...hundredFields())],
    ["RFC 3986 3.1: with a scheme in upper case", withPseudo(":scheme", "HTTPS")],
  ])("%s", (_, fields) => {
    expect(read("request", fields)).toMatchObject({ kind: "request" });
    expect(read("request", fields, huffman)).toMatchObject({ kind: "request" });
  });

  test("6.5.2: with a list of just the bytes that are allowed", () => {
    const used = withFields(["a", ""]).reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
    const most = DEFAULT_HEAD_LIMITS.maxHeadBytes - used;
    expect(read("request", withFields(["a", "b".repeat(most)]))).toMatchObject({ kind: "request" });
    expect(read("request", withFields(["a", "b".repeat(most + 1)]))).toMatchObject({ code: "head-too-long" });
  });
});

test.each(["%", "%4", "%4g"])("RFC 3986 3.1: a path that ends with %s is none, whatever was read before", (end) => {
  const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
  const read = (path: string) => {
    const block = literalBlock(withPseudo(":path", path));
    return reader.request(block, 0, block.length);
  };
  expect(read("/abcdef%41%41")).toMatchObject({ kind: "request" });
  expect(read(`/abcdef${end}`)).toMatchObject({ kind: "malformed", code: "percent-encoding" });
});

test.each([0x00, 0x0a, 0x0d, 0x1f, 0x7f])("8.2.1: byte %i is in no value, wherever it stands in its code", (byte) => {
  const odd = String.fromCharCode(byte);
  for (const value of [odd, `${odd}a`, `a${odd}a`, `aaaaaa${odd}`, ` ${odd}`])
    expect(read("request", withFields(["x-a", value]), huffman)).toMatchObject({ code: "field-value" });
  for (const value of [" a", "a\t", " "])
    expect(read("request", withFields(["x-a", value]), huffman)).toMatchObject({ code: "blank-around-value" });
});

test("the first problem is the one that is told, and the next block is read as if it had not been", () => {
  const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
  const wrong = literalBlock(withFields(["te", "gzip"], ["connection", "close"], ["B", "c"]));
  expect(reader.request(wrong, 0, wrong.length)).toMatchObject({ code: "connection-field" });
  const right = literalBlock(withFields());
  expect(reader.request(right, 0, right.length)).toMatchObject({ kind: "request" });
});

function hundredFields(): readonly LiteralField[] {
  const fields = Array.from({ length: 99 }, (_, i): LiteralField => [`a${i}`, ""]);
  return [...fields, ...Array.from({ length: 50 }, (): LiteralField => ["cookie", "b=c"])];
}

function read(
  kind: "request" | "response" | "trailers",
  fields: readonly LiteralField[],
  valueOf?: (text: string) => Buffer,
) {
  const block = literalBlock(fields, valueOf);
  return new HeadReader(DEFAULT_HEAD_LIMITS)[kind](block, 0, block.length);
}
