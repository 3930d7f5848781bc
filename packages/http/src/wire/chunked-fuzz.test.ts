import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { bytesOf } from "../head/splits.suite.ts";
import { ChunkedDecoder } from "./chunked-decoder.ts";

const SEED = 11;
const BODIES = 400;
const BYTES = '0123456789afAF;="\\\r\n \t:x\0\xff';

/** What comes out of a decoder: bytes for the sink, and how it ended. */
interface Decoded {
  readonly out: string;
  readonly trailers: string;
  readonly end: string;
  readonly readTo: number;
}

test("a chunked body comes out the same at every split, right or wrong, with its framing or without", () => {
  const random = seededRandom(SEED);
  const ends = new Map<string, number>();
  for (let i = 0; i < BODIES; i++) {
    const text = drawBody();
    const bytes = bytesOf(text);
    for (const keepFraming of [false, true]) {
      const whole = decode(bytes, [], keepFraming);
      ends.set(whole.end, (ends.get(whole.end) ?? 0) + 1);
      for (let cut = 1; cut < bytes.length; cut++) {
        const pieces = decode(bytes, [cut], keepFraming);
        if (!isSame(whole, pieces)) expect(pieces, `seed ${SEED}, cut ${cut}: ${JSON.stringify(text)}`).toEqual(whole);
      }
      const bits = decode(bytes, Array.from(bytes.keys()), keepFraming);
      if (!isSame(whole, bits)) expect(bits, `seed ${SEED}, byte by byte: ${JSON.stringify(text)}`).toEqual(whole);
    }
    // Sent on with its framing and an end, it is the same body again.
    const [content, framed] = [decode(bytes, [], false), decode(bytes, [], true)];
    if (content.end !== "done") continue;
    const again = decode(bytesOf(`${framed.out}0\r\n${framed.trailers}\r\n`), [], false);
    expect(again).toMatchObject({ out: content.out, trailers: content.trailers, end: "done" });
  }
  expect([...ends.keys()]).toEqual(
    expect.arrayContaining(["done", "more", "chunk-size", "chunk-end", "chunk-extension"]),
  );

  function drawBody(): string {
    const one = (items: readonly string[]): string => items[random.below(items.length)]!;
    let text = "";
    for (let count = random.below(4); count > 0; count--) {
      const data = one(["a", "hello", "\r\n0\r\n\r\n", "0123456789abcdef0123"]);
      text += `${one(["", "0", "00"])}${data.length.toString(16)}${one(["", "", ";a", ';a="\\";"'])}\r\n${data}\r\n`;
    }
    text += `0${one(["", ";a=b"])}\r\n${one(["", "", "A: b\r\nX_Y: c\r\n", "Date: d\r\nE:\tf \r\n"])}\r\n${one(["", "GET"])}`;
    for (let changes = random.below(3); changes > 0; changes--) {
      const at = random.below(text.length);
      const byte = BYTES.charAt(random.below(BYTES.length));
      text = text.slice(0, at) + byte + text.slice(at + random.below(3));
    }
    return text;
  }
});

test("sizes up to 2^53 - 1 are counted exactly", () => {
  for (const size of ["1fffffffffffff", "001FFFFFFFFFFFFF"]) {
    expect(decode(bytesOf(`${size}\r\nabc`), [], false)).toMatchObject({ out: "abc", end: "more" });
  }
});

function decode(bytes: Buffer, cuts: readonly number[], keepFraming: boolean): Decoded {
  const decoder = new ChunkedDecoder({ maxTrailerBytes: 64, keepFraming });
  let out = "";
  let readTo = 0;
  const sink = {
    data(from: Buffer, start: number, end: number): void {
      if (end <= start) throw new Error("handed over nothing");
      out += from.toString("latin1", start, end);
    },
  };
  for (const to of [...cuts, bytes.length]) {
    if (to > readTo && !decoder.done && decoder.problem === undefined) readTo = decoder.read(bytes, readTo, to, sink);
  }
  const end = decoder.problem?.code ?? (decoder.done ? "done" : "more");
  return { out, trailers: decoder.trailers.lines, end, readTo: decoder.problem === undefined ? readTo : -1 };
}

function isSame(one: Decoded, other: Decoded): boolean {
  return (
    one.out === other.out && one.trailers === other.trailers && one.end === other.end && one.readTo === other.readTo
  );
}
