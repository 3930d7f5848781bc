import { describe, expect, test } from "vitest";
import { type HeadLimits, parseResponseHead } from "./head-parser.ts";
import type { RefusalCode } from "./refusal.ts";
import { atEverySplit, bytesOf } from "./splits.suite.ts";

const LIMITS: HeadLimits = { maxHeadBytes: 512, maxFields: 10, underscores: "refuse" };

const withLine = (line: string): string => `${line}\r\nServer: a\r\n\r\n`;
const withFields = (...lines: readonly string[]): string => `HTTP/1.1 200 OK\r\n${lines.join("\r\n")}\r\n\r\n`;
const withStatus = (status: number, ...lines: readonly string[]): string =>
  `HTTP/1.1 ${status} -\r\n${lines.join("\r\n")}\r\n\r\n`;

const REFUSED: readonly (readonly [RefusalCode, ...string[]])[] = [
  ["bare-lf", "HTTP/1.1 200 OK\nA: b\n\n", withFields("A: b\nC: d"), "HTTP/1.1 200\n", "HTTP/1.1\n"],
  ["bare-cr", "HTTP/1.1 200 OK\rA: b\r\r", withFields("A: b\rC: d"), "HTTP/1.1 200 OK\r\r\n\r\n"],
  ["nul", withFields("A: \0")],
  ["control-character", withFields("A: \x1f")],
  ["obs-fold", withFields("A: b", " c"), "HTTP/1.1 200 OK\r\n A: b\r\n\r\n"],
  ["space-before-colon", withFields("A : b"), withFields("Content-Length : 5")],
  ["empty-name", withFields(": b")],
  ["no-colon", withFields("A")],
  ["field-name", withFields("A\xa0: b"), withFields("A=b: c")],
  ["head-too-long", withFields(`A: ${"b".repeat(600)}`)],
  ["too-many-fields", withFields(...Array.from({ length: 11 }, (_, i) => `A: ${i}`))],

  [
    "malformed-version",
    "\r\nHTTP/1.1 200 OK\r\n\r\n",
    withLine("ICY 200 OK"),
    withLine("http/1.1 200 OK"),
    withLine("HTTP/1 200 OK"),
  ],
  ["malformed-version", withLine(" HTTP/1.1 200 OK"), "GET / HTTP/1.1\r\nHost: a\r\n\r\n", withLine("HTTP/1.x 200 OK")],
  ["version", withLine("HTTP/2.0 200 OK"), withLine("HTTP/1.2 200 OK"), withLine("HTTP/0.9 200 OK")],
  [
    "status-line",
    withLine("HTTP/1.1  200 OK"),
    withLine("HTTP/1.1"),
    withLine("HTTP/1.1 20 OK"),
    withLine("HTTP/1.1 2000 OK"),
    withLine("HTTP/1.1\t200 OK"),
  ],
  [
    "status-line",
    withLine("HTTP/1.1 +20 OK"),
    withLine("HTTP/1.1 200\tOK"),
    withLine("HTTP/1.1 200 O\0K"),
    withLine("HTTP/1.1 200 O\x7fK"),
    withLine("HTTP/1.10 200 OK"),
  ],
  ["status", withStatus(600), withStatus(999), withLine("HTTP/1.1 099 OK"), withLine("HTTP/1.1 000 OK")],

  ["two-lengths", withFields("Content-Length: 5", "Content-Length: 5")],
  [
    "content-length",
    withFields("Content-Length: +5"),
    withFields("Content-Length: 5, 5"),
    withFields("Content-Length: 05"),
    withFields("Content-Length:"),
  ],
  ["length-too-large", withFields("Content-Length: 9007199254740992")],
  ["length-with-transfer-encoding", withFields("Content-Length: 5", "Transfer-Encoding: chunked")],
  ["transfer-encoding-in-http-1-0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
  [
    "chunked-not-last",
    withFields("Transfer-Encoding: gzip"),
    withFields("Transfer-Encoding: chunked, chunked"),
    withFields("Transfer-Encoding: chunked,"),
  ],
  ["transfer-coding", withFields("Transfer-Encoding: gzip, chunked")],
  ["connection-option", withFields("Connection: close;")],
  [
    "protected-option",
    withFields("Connection: Set-Cookie"),
    withFields("Connection: Content-Length", "Content-Length: 5"),
  ],
  [
    "forbidden-body",
    withStatus(204, "Content-Length: 5"),
    withStatus(204, "Transfer-Encoding: chunked"),
    withStatus(103, "Content-Length: 1"),
  ],
];

const CASES = REFUSED.flatMap(([code, ...texts]) => texts.map((text) => ({ code, text })));

describe("a response is refused", () => {
  test.each(CASES)("as $code: $text", ({ code, text }) => {
    const bytes = bytesOf(text);
    expect(codeOf(bytes, bytes.length)).toBe(code);
    expect(atEverySplit(bytes, (to) => codeOf(bytes, to))).toEqual([code]);
  });
});

function codeOf(bytes: Buffer, to: number): string | undefined {
  const head = parseResponseHead(bytes, 0, to, LIMITS);
  return head?.kind === "refusal" ? head.code : head?.kind;
}
