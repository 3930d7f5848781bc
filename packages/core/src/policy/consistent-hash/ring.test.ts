import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { below, Word64 } from "../../hash/word64.ts";
import { pointsFor, Ring } from "./ring.ts";

/** @param spread points fall among so many upper halves only: few of them lie close together */
function ring(size: number, spread: number): Ring {
  const random = seededRandom(size);
  const points = pointsFor([size]);
  for (let i = 0; i < size; i++) {
    points.high[i] = random.below(spread);
    points.low[i] = random.below(4);
    points.owner[i] = i;
  }
  return new Ring(points);
}

test.each([
  { size: 1, spread: 2 ** 32 },
  { size: 2, spread: 2 ** 32 },
  { size: 3, spread: 2 ** 32 },
  { size: 1_000, spread: 2 ** 32 },
  { size: 1_024, spread: 2 ** 32 },
  { size: 1_000, spread: 2 ** 20 },
  { size: 1_000, spread: 3 },
])("of $size points below $spread finds the first that is not below a hash", ({ size, spread }) => {
  const one = ring(size, spread);
  const points = [...one.points()];
  const random = seededRandom(5);
  const hashes = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1].map((high) => new Word64(high, high));
  for (const { high, low } of points.slice(0, 50)) hashes.push(new Word64(high, low), new Word64(high, low + 1));
  for (let i = 0; i < 500; i++) hashes.push(new Word64(random.below(spread), random.below(4)));
  for (const hash of hashes) {
    const plain = points.findIndex((point) => !below(point.high | 0, point.low | 0, hash.high, hash.low));
    expect(one.find(hash)).toBe(Math.max(0, plain)); // behind the last comes the first
  }
});
