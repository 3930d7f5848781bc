import { describe, expect, test } from "vitest";
import { DEFAULT_HEAD_LIMITS, parseRequestHead } from "./head-parser.ts";
import type { HeadLimits } from "./head-limits.ts";
import { REFUSED_REQUESTS, withFields } from "./refused-requests.suite.ts";
import { atEverySplit, bytesOf } from "./splits.suite.ts";

const LIMITS: HeadLimits = { maxHeadBytes: 512, maxFields: 10, underscores: "drop" };
const CASES = REFUSED_REQUESTS.flatMap(([code, ...texts]) => texts.map((text) => ({ code, text })));

describe("a request is refused", () => {
  test.each(CASES)("as $code: $text", ({ code, text }) => {
    const bytes = bytesOf(text);
    expect(codeOf(bytes, bytes.length)).toBe(code);
    expect(atEverySplit(bytes, (to) => codeOf(bytes, to))).toEqual([code]);
  });

  test("when the request line alone is beyond 8 KiB, however large a head may be", () => {
    const limits = { ...DEFAULT_HEAD_LIMITS, maxHeadBytes: 64 * 1024 };
    const endless = Buffer.from(`GET /${"a".repeat(8 * 1024)}`);
    expect(parseRequestHead(endless, 0, 8 * 1024 - 1, limits)).toBeUndefined();
    expect(parseRequestHead(endless, 0, 8 * 1024, limits)).toMatchObject({
      code: "request-line-too-long",
      status: 414,
    });
  });

  test("at the byte that is one too many, and not before", () => {
    const text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const bytes = bytesOf(`\r\n${text}`);
    const limits = (maxHeadBytes: number): HeadLimits => ({ ...LIMITS, maxHeadBytes });
    expect(parseRequestHead(bytes, 0, bytes.length, limits(text.length))).toMatchObject({ kind: "request" });
    expect(parseRequestHead(bytes, 0, bytes.length, limits(text.length - 1))).toMatchObject({ code: "head-too-long" });
  });
});

test("CONNECT may say that it has no body", () => {
  const bytes = bytesOf("CONNECT a:80 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  expect(parseRequestHead(bytes, 0, bytes.length, LIMITS)).toMatchObject({ kind: "request", contentLength: -1 });
});

describe("a field with an underscore in its name", () => {
  const bytes = bytesOf(withFields("X_User_Id: 1", "Content_Length: 5", "_: 6", "B: 2"));

  test.each([
    ["drop", "B: 2\r\n"],
    ["keep", "X_User_Id: 1\r\nContent_Length: 5\r\n_: 6\r\nB: 2\r\n"],
  ] as const)("%s", (underscores, lines) => {
    const head = parseRequestHead(bytes, 0, bytes.length, { ...LIMITS, underscores });
    expect(head).toMatchObject({ kind: "request", lines, contentLength: -1 });
  });

  test("refuse", () => {
    const head = parseRequestHead(bytes, 0, bytes.length, { ...LIMITS, underscores: "refuse" });
    expect(head).toMatchObject({ status: 400, code: "underscore" });
  });
});

function codeOf(bytes: Buffer, to: number): string | undefined {
  const head = parseRequestHead(bytes, 0, to, LIMITS);
  return head?.kind === "refusal" ? head.code : head?.kind;
}
