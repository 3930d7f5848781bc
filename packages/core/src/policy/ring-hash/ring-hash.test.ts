import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bigOf, hashVectors } from "../../hash/hash-vectors.suite.ts";
import { murmur2 } from "../../hash/murmur2.ts";
import { xxh64 } from "../../hash/xxh64.ts";
import { Word64 } from "../../hash/word64.ts";
import { countsOf, homesIn, placed, strays } from "../consistent-hash/placement.suite.ts";
import { pickerSuite } from "../picker.suite.ts";
import { ringCounts } from "./ring-counts.ts";
import { RING_SIZE, ringHash, ringOf } from "./ring-hash.ts";

pickerSuite(ringHash);

const ENVOY_MOST = 8_388_608;
const place = (keys: readonly string[], weights: readonly number[]) =>
  ringOf(keys, ringCounts(weights, RING_SIZE), xxh64);

describe("Envoy's ring", () => {
  test.each(hashVectors.ring)("of $hosts by $hash has Envoy's points", ({ hosts, min, hash, ring, picks = [] }) => {
    const counts = ringCounts(
      hosts.map(() => 1),
      { min, max: ENVOY_MOST },
    );
    const built = ringOf(hosts, counts, hash === "xxh64" ? xxh64 : murmur2);
    const points = [...built.points()].map(({ high, low, owner }) => [
      String(bigOf(new Word64(high, low))),
      hosts[owner],
    ]);
    expect(points).toEqual(ring);
    for (const [key, host] of picks) expect(placed(built, hosts, BigInt(key)), key).toBe(host);
  });

  test.each(hashVectors.ring_size)(
    "of the weights $weights, from $min to $max points, has $size",
    ({ weights, min, max, size, counts }) => {
      const given = ringCounts(weights, { min, max });
      expect(given).toEqual(counts);
      expect(given.reduce((sum, count) => sum + count, 0)).toBe(size);
    },
  );

  test("stays within its bound when weights are a billion times each other", () => {
    const counts = ringCounts([1, 1e9, 3], RING_SIZE);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(RING_SIZE.max);
  });

  test("of 10,000 endpoints has a point for each", () => {
    expect(ringCounts(Array(10_000).fill(1), RING_SIZE)).toEqual(Array(10_000).fill(1));
  });
});

test("gives shares by weight, and moves few keys beyond those of an endpoint that goes", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 8 }), (list) => {
      const weights = new Map(list.map((weight, i) => [`10.0.0.${i}:80`, weight]));
      const total = list.reduce((sum, weight) => sum + weight, 0);
      const before = homesIn(place, weights, 2_000);
      const counts = countsOf(before);
      for (const [name, weight] of weights) {
        const share = (counts.get(name) ?? 0) / before.length;
        // A share is that of some hundred points on the ring: it strays by an eighth of itself, more for a small one.
        expect(Math.abs(share - weight / total), name).toBeLessThan(0.08);
      }
      const gone = "10.0.0.1:80";
      const after = homesIn(place, new Map([...weights].filter(([name]) => name !== gone)), 2_000);
      expect(strays(before, after, gone)).toBeLessThan(2_000 * 0.35);
    }),
    { seed: 7, numRuns: 20 },
  );
});
