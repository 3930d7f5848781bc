import { describe, expect, test } from "vitest";
import { ChunkedDecoder } from "./chunked-decoder.ts";

const BODY = '5\r\nhello\r\n00A;x="a\\"b";y\r\n0123456789\r\n1\r\n!\r\n0;end\r\nX-Sum: 1\r\nDate: then\r\n\r\n';

describe("a chunked body", () => {
  test.each([
    [false, "hello0123456789!"],
    [true, "5\r\nhello\r\n00A\r\n0123456789\r\n1\r\n!\r\n"],
  ])("comes out the same at every split, with framing: %s", (keepFraming, content) => {
    const bytes = Buffer.from(`${BODY}GET`, "latin1");
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const read = decode(bytes, [first, second], keepFraming);
        expect(read).toEqual({ content, trailers: "X-Sum: 1\r\n", problem: undefined, end: BODY.length });
      }
    }
  });

  test("is handed over as one view when nothing is cut out", () => {
    const views: string[] = [];
    const decoder = new ChunkedDecoder({ maxTrailerBytes: 100, keepFraming: true });
    const bytes = Buffer.from("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "latin1");
    decoder.read(bytes, 0, bytes.length, { data: (b, from, to) => void views.push(b.toString("latin1", from, to)) });
    expect(views).toEqual(["1\r\na\r\n2\r\nbc\r\n"]);
    expect(decoder.done).toBe(true);
  });
});

function decode(bytes: Buffer, cuts: readonly number[], keepFraming: boolean) {
  const decoder = new ChunkedDecoder({ maxTrailerBytes: 200, keepFraming });
  let content = "";
  let end = 0;
  for (const to of [...cuts, bytes.length]) {
    if (decoder.done || to === end) continue;
    end = decoder.read(bytes, end, to, { data: (b, from, upTo) => void (content += b.toString("latin1", from, upTo)) });
  }
  return { content, trailers: decoder.trailers.lines, problem: decoder.problem?.code, end };
}
