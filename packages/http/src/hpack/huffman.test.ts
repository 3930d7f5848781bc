import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { hexBytes } from "./blocks.suite.ts";
import { HUFFMAN_CODES } from "./huffman-code.ts";
import { huffmanBytes } from "./huffman-encode.ts";
import { huffmanText, isHuffmanText } from "./huffman.ts";

const SEED = 7;

describe("the code", () => {
  test.each([
    { symbol: 0x30, code: 0x0, bits: 5 },
    { symbol: 0x20, code: 0x14, bits: 6 },
    { symbol: 0x3a, code: 0x5c, bits: 7 },
    { symbol: 0x58, code: 0xfc, bits: 8 },
    { symbol: 0x3f, code: 0x3fc, bits: 10 },
    { symbol: 0x7c, code: 0x7fc, bits: 11 },
    { symbol: 0x00, code: 0x1ff8, bits: 13 },
    { symbol: 0x5c, code: 0x7fff0, bits: 19 },
    { symbol: 0xff, code: 0x3ffffee, bits: 26 },
    { symbol: 0x16, code: 0x3ffffffe, bits: 30 },
    { symbol: 256, code: 0x3fffffff, bits: 30 },
  ])("$symbol has $bits bits, as in RFC 7541 appendix B", ({ symbol, code, bits }) => {
    expect(HUFFMAN_CODES[symbol]).toEqual({ symbol, code, bits });
  });

  test("is complete: no bits are left over for anything else", () => {
    const share = HUFFMAN_CODES.reduce((sum, { bits }) => sum + 2 ** -bits, 0);
    expect(share).toBe(1);
  });
});

describe("a text", () => {
  test.each([
    { hex: "f1e3 c2e5 f23a 6ba0 ab90 f4ff", text: "www.example.com" },
    { hex: "a8eb 1064 9cbf", text: "no-cache" },
    { hex: "25a8 49e9 5bb8 e8b4 bf", text: "custom-value" },
    { hex: "6402", text: "302" },
    { hex: "640e ff", text: "307" },
    { hex: "", text: "" },
  ])("$hex stands for $text, both ways", ({ hex, text }) => {
    const bytes = hexBytes(hex);
    expect(huffmanText(bytes, 0, bytes.length)).toBe(text);
    expect(Buffer.from(huffmanBytes(Buffer.from(text)))).toEqual(bytes);
  });

  test("of any two bytes comes back", () => {
    for (let one = 0; one < 256; one++)
      for (let other = one % 3; other < 256; other += 3) {
        const bytes = huffmanBytes(Uint8Array.of(one, other));
        const text = String.fromCharCode(one, other);
        if (huffmanText(bytes, 0, bytes.length) !== text) expect.fail(`${one}, ${other} did not come back`);
      }
  });

  test("of any length comes back, also longer than the place where it is decoded", () => {
    const random = seededRandom(SEED);
    for (const length of [1, 29, 55, 2_047, 2_048, 2_049, 4_096, 9_000, 80_000]) {
      const bytes = Buffer.from(Array.from({ length }, () => random.below(256)));
      const coded = huffmanBytes(bytes);
      expect(huffmanText(coded, 0, coded.length)).toBe(bytes.toString("latin1"));
      const digits = huffmanBytes(Buffer.alloc(length, "0")); // the shortest codes: most letters for a byte
      expect(huffmanText(digits, 0, digits.length)).toBe("0".repeat(length));
    }
  });
});

describe("no text (RFC 7541 5.2)", () => {
  test.each([
    { why: "filled up with eight ones", hex: "a8eb 1064 9cbf ff" },
    { why: "nothing but eight ones", hex: "ff" },
    { why: "filled up with zeros", hex: "00" },
    { why: "filled up with a zero among the ones", hex: "07b7" },
    { why: "EOS alone", hex: "ffff ffff" },
    { why: "EOS, and its bits go on as a code", hex: "ffff fffc 00" },
    { why: "EOS behind a letter", hex: "07ff ffff ff" },
    { why: "the beginning of a long code", hex: "ffff fc" },
  ])("$why", ({ hex }) => {
    const bytes = hexBytes(hex);
    expect(huffmanText(bytes, 0, bytes.length)).toBeUndefined();
    expect(isHuffmanText(bytes, 0, bytes.length)).toBe(false);
  });

  test("agrees with a decoder that goes bit by bit on drawn bytes", () => {
    const random = seededRandom(SEED);
    let right = 0;
    for (let i = 0; i < 8_000; i++) {
      // Drawn bits seldom end well: most are texts with one bit turned.
      const bytes = Buffer.from(huffmanBytes(Buffer.from(Array.from({ length: random.below(6) }, drawByte))));
      if (bytes.length > 0 && random.below(4) > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
      const expected = bitByBit(bytes);
      if (expected !== undefined) right++;
      const message = `seed ${SEED}, round ${i}: ${bytes.toString("hex")}`;
      expect(huffmanText(bytes, 0, bytes.length), message).toBe(expected);
      expect(isHuffmanText(bytes, 0, bytes.length), message).toBe(expected !== undefined);
    }
    expect(right).toBeGreaterThan(2_000);

    function drawByte(): number {
      return random.below(3) === 0 ? random.below(256) : 0x20 + random.below(0x5f);
    }
  });
});

/** By length and code. */
const SYMBOLS = new Map(HUFFMAN_CODES.map(({ code, bits, symbol }) => [code * 32 + bits, symbol]));

/** By the words of the RFC: bit by bit, each code looked up by itself. */
function bitByBit(bytes: Uint8Array): string | undefined {
  let text = "";
  let code = 0;
  let bits = 0;
  for (let i = 0; i < bytes.length * 8; i++) {
    code = (code << 1) | ((bytes[i >> 3]! >> (7 - (i & 7))) & 1);
    bits++;
    const symbol = SYMBOLS.get(code * 32 + bits);
    if (symbol === 256) return undefined;
    if (symbol === undefined) continue;
    text += String.fromCharCode(symbol);
    code = 0;
    bits = 0;
  }
  return bits < 8 && code === (1 << bits) - 1 ? text : undefined;
}
