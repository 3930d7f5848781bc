import { describe, expect, test } from "vitest";
import { seededRandom, sequenceRandom } from "./random.ts";

describe("seeded random", () => {
  test("draws the same for the same seed, and other numbers for another", () => {
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
  });

  test("keeps to its sequence from version to version", () => {
    const random = seededRandom(7);
    expect(Array.from({ length: 6 }, () => random.below(1000))).toEqual([287, 152, 41, 467, 84, 334]);
  });

  test.each([1, 2, 3, 7, 10, 1000])("draws each number below %d equally often", (bound) => {
    const random = seededRandom(7);
    const perNumber = 1_000;
    const counts = Array.from({ length: bound }, () => 0);
    for (let i = 0; i < bound * perNumber; i++) counts[random.below(bound)]!++;
    // Each count is binomial with mean 1,000 and standard deviation under 32: 5 of them cover 1,000 numbers.
    for (const count of counts) expect(Math.abs(count - perNumber)).toBeLessThan(160);
  });

  test("has no modulo bias where it would be worst: two thirds of a word", () => {
    // `word % bound` would fall under bound / 2 in 2 of 3 draws; fair is 1 of 2. Standard deviation of the share: 0.005.
    const bound = 2 ** 31 + 2 ** 30 - 1;
    const random = seededRandom(7);
    let low = 0;
    for (let i = 0; i < 10_000; i++) if (random.below(bound) < bound / 2) low++;
    expect(Math.abs(low / 10_000 - 0.5)).toBeLessThan(0.025);
  });

  test("spreads units evenly over [0, 1)", () => {
    const random = seededRandom(7);
    let [sum, lowest, highest] = [0, 1, 0];
    for (let i = 0; i < 100_000; i++) {
      const drawn = random.unit();
      sum += drawn;
      lowest = Math.min(lowest, drawn);
      highest = Math.max(highest, drawn);
    }
    expect(lowest).toBeGreaterThanOrEqual(0);
    expect(highest).toBeLessThan(1);
    // Standard deviation of the mean: 0.289 / sqrt(100,000) = 0.0009.
    expect(Math.abs(sum / 100_000 - 0.5)).toBeLessThan(0.0045);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 33])("refuses the bound %d", (bound) => {
    expect(() => seededRandom(7).below(bound)).toThrow(RangeError);
  });
});

describe("sequence random", () => {
  test("draws what was written down, in order", () => {
    const random = sequenceRandom([2, 0.25, 0]);
    expect(random.below(3)).toBe(2);
    expect(random.unit()).toBe(0.25);
    expect(random.remaining()).toBe(1);
    expect(random.below(1)).toBe(0);
    expect(random.remaining()).toBe(0);
  });

  test("says so when the code draws more often than was written down", () => {
    expect(() => sequenceRandom([]).unit()).toThrow("all 0 draws of the sequence are taken");
  });

  test("says which draw does not fit", () => {
    const random = sequenceRandom([1, 3, 1]);
    random.below(2);
    expect(() => random.below(3)).toThrow("below(3): draw 1 of the sequence is 3");
    expect(() => sequenceRandom([1]).unit()).toThrow(RangeError);
    expect(() => sequenceRandom([0.5]).below(2)).toThrow(RangeError);
  });
});

function draws(seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: 20 }, () => random.unit());
}
