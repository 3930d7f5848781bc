import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "./crc32.ts";
import { bigOf, hashOf, hashVectors, wordOf } from "./hash-vectors.suite.ts";
import { murmur2 } from "./murmur2.ts";
import { TextBytes } from "./text-bytes.ts";
import { below, type Word64 } from "./word64.ts";
import { xxh64 } from "./xxh64.ts";

const U64 = 2n ** 64n;
const word = () => fc.bigInt({ min: 0n, max: U64 - 1n });

describe("XXH64", () => {
  test.each(hashVectors.xxh64)("of $in is $seed0, and $seed1 with the seed 1", ({ in: text, seed0, seed1 }) => {
    expect([hashOf(xxh64, text), hashOf(xxh64, text, 1n)].map(String)).toEqual([seed0, seed1]);
  });

  test("is that of its specification for any bytes and any seed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), word(), (bytes, seed) => {
        const hash = wordOf(seed);
        xxh64(bytes, bytes.length, hash);
        expect(bigOf(hash)).toBe(oracle(bytes, seed));
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  test("of megabytes is that of its specification", () => {
    const text = "0123456789abcdefghi\u00e9".repeat(100_000);
    expect(hashOf(xxh64, text)).toBe(oracle(new TextEncoder().encode(text), 0n));
  });
});

describe("murmur2", () => {
  test.each(hashVectors.murmur2)("of $in is $out", ({ in: text, out }) => {
    expect(String(hashOf(murmur2, text))).toBe(out);
  });

  test("takes in every byte, wherever the last eight end", () => {
    const hashes = Array.from({ length: 40 }, (_, length) => hashOf(murmur2, "a".repeat(length)));
    expect(new Set(hashes).size).toBe(40);
  });
});

test("CRC-32 of 123456789 is the check value of its catalogue, in the upper half", () => {
  expect(hashOf(crc32, "123456789")).toBe(0xcbf4_3926n << 32n);
});

describe("a word", () => {
  test.each<[name: string, ours: (a: Word64, b: Word64) => void, big: (a: bigint, b: bigint) => bigint]>([
    ["add", (a, b) => a.add(b.high, b.low), (a, b) => a + b],
    ["multiply", (a, b) => a.multiply(b.high, b.low), (a, b) => a * b],
    ["xor", (a, b) => a.xor(b.high, b.low), (a, b) => a ^ b],
    ["rotateLeft 1", (a) => a.rotateLeft(1), (a) => (a << 1n) | (a >> 63n)],
    ["rotateLeft 45", (a) => a.rotateLeft(45), (a) => (a << 45n) | (a >> 19n)],
    ["fold 29", (a) => a.fold(29), (a) => a ^ (a >> 29n)],
    ["fold 32", (a) => a.fold(32), (a) => a ^ (a >> 32n)],
    ["fold 47", (a) => a.fold(47), (a) => a ^ (a >> 47n)],
    ["modulo 65537", (a) => a.set(0, a.modulo(65_537)), (a) => a % 65_537n],
    ["modulo 5000011", (a) => a.set(0, a.modulo(5_000_011)), (a) => a % 5_000_011n],
    ["below", (a, b) => a.set(0, below(a.high, a.low, b.high, b.low) ? 1 : 0), (a, b) => (a < b ? 1n : 0n)],
  ])("does %s as 64 bits do", (_, ours, big) => {
    fc.assert(
      fc.property(word(), word(), (a, b) => {
        const value = wordOf(a);
        ours(value, wordOf(b));
        expect(bigOf(value)).toBe(((big(a, b) % U64) + U64) % U64);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe("the bytes of a text", () => {
  test("are those of TextEncoder, halves of pairs included", () => {
    const bytes = new TextBytes();
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 3_000 }), (text) => {
        bytes.utf8(text);
        expect(bytes.bytes.subarray(0, bytes.length)).toEqual(new TextEncoder().encode(text));
      }),
      { seed: 7 },
    );
    bytes.utf8("a\ud800b\udc00");
    expect([...bytes.bytes.subarray(0, bytes.length)]).toEqual([...new TextEncoder().encode("a\ufffdb\ufffd")]);
  });

  test("are those that came off the wire, where the text was read as latin1", () => {
    const bytes = new TextBytes();
    bytes.latin1("\u00c3\u00a9");
    expect([...bytes.bytes.subarray(0, bytes.length)]).toEqual([0xc3, 0xa9]);
  });

  test("of a long text take no room once a short one has come", () => {
    const bytes = new TextBytes();
    bytes.utf8("x".repeat(5_000_000));
    expect(bytes.length).toBe(5_000_000);
    bytes.utf8("x");
    expect(bytes.bytes.length).toBeLessThan(10_000);
  });
});

/** XXH64 as its specification writes it down. */
function oracle(bytes: Uint8Array, seed: bigint): bigint {
  const [p1, p2, p3, p4, p5] = [
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ] as const;
  const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
  const rotate = (value: bigint, bits: bigint): bigint => wrap(value << bits) | (value >> (64n - bits));
  const read = (at: number, count: number): bigint => {
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]!);
    return value;
  };
  const round = (lane: bigint, input: bigint): bigint => wrap(rotate(wrap(lane + input * p2), 31n) * p1);
  let at = 0;
  let hash = wrap(seed + p5);
  if (bytes.length >= 32) {
    const lanes = [wrap(seed + p1 + p2), wrap(seed + p2), seed, wrap(seed - p1)];
    for (; at + 32 <= bytes.length; at += 32) lanes.forEach((lane, i) => (lanes[i] = round(lane, read(at + i * 8, 8))));
    hash = wrap([1n, 7n, 12n, 18n].reduce((sum, bits, i) => sum + rotate(lanes[i]!, bits), 0n));
    for (const lane of lanes) hash = wrap((hash ^ round(0n, lane)) * p1 + p4);
  }
  hash = wrap(hash + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) hash = wrap(rotate(hash ^ round(0n, read(at, 8)), 27n) * p1 + p4);
  if (at + 4 <= bytes.length) {
    hash = wrap(rotate(hash ^ wrap(read(at, 4) * p1), 23n) * p2 + p3);
    at += 4;
  }
  for (; at < bytes.length; at++) hash = wrap(rotate(hash ^ wrap(BigInt(bytes[at]!) * p5), 11n) * p1);
  hash = wrap((hash ^ (hash >> 33n)) * p2);
  hash = wrap((hash ^ (hash >> 29n)) * p3);
  return hash ^ (hash >> 32n);
}
