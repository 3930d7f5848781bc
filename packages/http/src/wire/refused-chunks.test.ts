import { describe, expect, test } from "vitest";
import { REFUSALS } from "../head/refusals.ts";
import type { RefusalCode } from "../head/refusal.ts";
import { bytesOf } from "../head/splits.suite.ts";
import { ChunkedDecoder } from "./chunked-decoder.ts";

const MAX_TRAILER_BYTES = 64;
const withTrailer = (line: string): string => `0\r\n${line}\r\n\r\n`;

const REFUSED: readonly (readonly [RefusalCode, ...string[]])[] = [
  [
    "chunk-size",
    "\r\n",
    "g\r\n",
    "+5\r\n",
    "-5\r\n",
    "0x5\r\n",
    " 5\r\n",
    "5 \r\n",
    "5\t\r\n",
    "5 ;a\r\n",
    ";a\r\n",
    "5_0\r\n",
    "5,\r\n",
    "\0",
  ],
  ["chunk-too-large", "20000000000000\r\n", "fffffffffffffffff\r\n", `${"0".repeat(17)}\r\n`, "ffffffffffffffff\r\n"],
  ["bare-lf", "5\nhello", "5;a\nhello", '5;a="\n"\r\n', withTrailer("A: b\nC: d"), "0\r\n\n"],
  ["bare-cr", "5\rhello", "5;a\rhello", "0\r\rX", "0\r\n\rX", withTrailer("A: b\rC: d")],
  ["chunk-end", "5\r\nhelloX", "5\r\nhello\n", "5\r\nhello\rX", "5\r\nhello5\r\n", "5\r\nhello \r\n"],
  [
    "chunk-extension",
    "5;\r\n",
    "5;;a\r\n",
    "5;a=\r\n",
    "5; a\r\n",
    "5;a =b\r\n",
    "5;a= b\r\n",
    '5;a="b\r\n',
    '5;a="b"c\r\n',
    "5;\0\r\n",
    '5;a="\x7f"\r\n',
  ],
  ["chunk-extension", "5;a \r\n", "5;a=b c\r\n", "0;a=b;\r\n", '5;a="\\\r\n'],
  ["chunk-extensions-too-long", `5;${"a".repeat(16_384)}\r\n`, "1;abcdefgh\r\nx\r\n".repeat(2_000)],
  [
    "forbidden-trailer",
    withTrailer("Content-Length: 5"),
    withTrailer("transfer-encoding: chunked"),
    withTrailer("Host: a"),
  ],
  ["obs-fold", withTrailer("A: b\r\n c"), withTrailer(" A: b")],
  ["space-before-colon", withTrailer("A : b")],
  ["no-colon", withTrailer("A")],
  ["empty-name", withTrailer(": a")],
  ["nul", withTrailer("A: \0")],
  ["field-name", withTrailer("A(: b")],
  ["trailers-too-long", withTrailer(`A: ${"b".repeat(100)}`), `0\r\n${"A: b\r\n".repeat(20)}`],
];

const CASES = REFUSED.flatMap(([code, ...texts]) =>
  texts.map((text) => ({ code, text: text.slice(0, 60), whole: text })),
);

describe("a chunked body is refused", () => {
  test.each(CASES)("as $code: $text", ({ code, whole }) => {
    const bytes = bytesOf(whole);
    const step = bytes.length > 200 ? 5_000 : 1;
    for (let at = 0; at < bytes.length; at += step) expect(codeOf(bytes, [at])).toBe(code);
    expect(
      codeOf(
        bytes,
        Array.from({ length: bytes.length }, (_, i) => i),
      ),
    ).toBe(code);
  });
});

describe("a trailer", () => {
  test("that comes too late or is for one hop only is dropped", () => {
    const text = `0\r\nConnection: close\r\nSet-Cookie: a\r\nX_Y: b\r\nGrpc-Status: 0\r\n\r\n`;
    const decoder = new ChunkedDecoder({ maxTrailerBytes: 200, keepFraming: false });
    expect(decoder.read(bytesOf(text), 0, text.length, { data() {} })).toBe(text.length);
    expect(decoder.trailers.lines).toBe("Grpc-Status: 0\r\n");
  });
});

test("each rule has words of its own that name their source", () => {
  expect(new Set(REFUSALS.map(({ detail }) => detail)).size).toBe(REFUSALS.length);
  for (const { code, detail } of REFUSALS) if (code !== "underscore") expect(detail).toMatch(/RFC \d{4} \d/);
});

function codeOf(bytes: Buffer, cuts: readonly number[]): string | undefined {
  for (const keepFraming of [false, true]) {
    const decoder = new ChunkedDecoder({ maxTrailerBytes: MAX_TRAILER_BYTES, keepFraming });
    let at = 0;
    for (const to of [...cuts, bytes.length]) {
      if (to <= at || decoder.problem !== undefined) continue;
      decoder.read(bytes, at, to, { data() {} });
      at = to;
    }
    if (!keepFraming) continue;
    return decoder.problem?.code ?? (decoder.done ? "done" : "incomplete");
  }
  return undefined;
}
