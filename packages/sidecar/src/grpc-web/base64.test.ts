import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { Base64Decoder } from "./base64-decoder.ts";
import { Base64Encoder } from "./base64-encoder.ts";

/** What comes of a text that arrives in these pieces; undefined when it is refused, or not complete. */
function decoded(...pieces: readonly string[]): string | undefined {
  const decoder = new Base64Decoder();
  let all = "";
  for (const piece of pieces) {
    const bytes = decoder.decode(Buffer.from(piece, "latin1"));
    if (bytes === undefined) return undefined;
    all += bytes.toString("latin1");
  }
  return decoder.complete ? all : undefined;
}

function twoPieces(text: string): readonly (readonly [string, string])[] {
  return Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)] as const);
}

describe("base64 that comes", () => {
  // The vectors of RFC 4648 10, and several texts in a row.
  test.each([
    ["", ""],
    ["Zg==", "f"],
    ["Zm8=", "fo"],
    ["Zm9v", "foo"],
    ["Zm9vYg==", "foob"],
    ["Zm9vYmE=", "fooba"],
    ["Zm9vYmFy", "foobar"],
    ["Zg==Zm8=Zm9v", "ffofoo"],
    ["Zm9vYmE=Zm9vYg==", "foobafoob"],
    ["+/+/", "\xfb\xff\xbf"],
  ])("%j is %j, at every split and byte by byte", (text, bytes) => {
    for (const pieces of twoPieces(text)) expect(decoded(...pieces)).toBe(bytes);
    expect(decoded(...text)).toBe(bytes);
  });

  test.each([
    ["Z", "ends inside a quantum"],
    ["Zg", "lacks its padding"],
    ["Zg=", "lacks half of its padding"],
    ["Zm8=Z", "ends inside a second text"],
    ["=", "begins with padding"],
    ["Z===", "has three of padding"],
    ["Zg=v", "goes on behind padding"],
    ["====", "is padding"],
    ["Zh==", "has bits behind the first byte"],
    ["Zm9=", "has bits behind the second byte"],
    ["Zm9v\r\n", "has a line end"],
    ["Zm 9v", "has white space"],
    ["-_-_", "is of the alphabet for addresses"],
    ["Zm9\xff", "holds what is no letter"],
    ["Zm9\0", "holds NUL"],
  ])("%j is refused at every split: it %s", (text) => {
    for (const pieces of twoPieces(text)) expect(decoded(...pieces)).toBeUndefined();
    expect(decoded(...text)).toBeUndefined();
  });

  test("stays refused, whatever comes", () => {
    const decoder = new Base64Decoder();
    expect(decoder.decode(Buffer.from("Z!"))).toBeUndefined();
    expect(decoder.decode(Buffer.from("Zm9v"))).toBeUndefined();
    expect(decoder.complete).toBe(false);
  });

  test("agrees with Node on random bytes at random splits (seed 7)", () => {
    const random = seededRandom(7);
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(Array.from({ length: random.below(60) }, () => random.below(256)));
      const text = bytes.toString("base64");
      const [a, b] = [random.below(text.length + 1), random.below(text.length + 1)].toSorted((x, y) => x - y);
      expect(decoded(text.slice(0, a), text.slice(a, b), text.slice(b))).toBe(bytes.toString("latin1"));
    }
  });
});

describe("base64 that goes", () => {
  test("is one text whatever the split, when it is flushed at the end alone", () => {
    for (const [first, second] of twoPieces("foobarbaz12")) {
      const encoder = new Base64Encoder();
      const text = `${encoder.encode(Buffer.from(first), false)}${encoder.encode(Buffer.from(second), true)}`;
      expect(text).toBe(Buffer.from("foobarbaz12").toString("base64"));
    }
  });

  test("has said all that came when it is flushed, and begins anew", () => {
    const encoder = new Base64Encoder();
    const texts = ["f", "fo", "foo"].map((bytes) => encoder.encode(Buffer.from(bytes), true).toString());
    expect(texts).toEqual(["Zg==", "Zm8=", "Zm9v"]);
  });

  test("holds back what is no whole quantum, also when the memory is written anew", () => {
    const encoder = new Base64Encoder();
    const memory = Buffer.from("fooba");
    expect(encoder.encode(memory, false).toString()).toBe("Zm9v");
    memory.fill("!");
    expect(encoder.encode(Buffer.from("r"), false).toString()).toBe("YmFy");
    expect(encoder.encode(Buffer.from(""), true).length).toBe(0);
  });
});
