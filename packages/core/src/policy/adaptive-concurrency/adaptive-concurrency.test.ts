import { describe, expect, test } from "vitest";
import { vectors } from "../../vectors.suite.ts";
import { gradient, nextGradientLimit } from "./gradient.ts";
import { gradient2 } from "./gradient2.ts";
import { vegas } from "./vegas.ts";

const middle = { below: (bound: number): number => Math.floor(bound / 2), unit: () => 0.5 };

describe("gradient2", () => {
  test("gives the published sequence", () => {
    const rule = gradient2();
    for (const [tookMs, running, limit] of vectors.gradient2.steps) {
      rule.answered(tookMs, running);
      expect(rule.limit).toBeCloseTo(limit, 4);
    }
  });

  test("falls when answers get slower, and grows again when they are as fast as before", () => {
    const rule = gradient2({ min: 5, max: 500 });
    const many = (tookMs: number, count: number): number => {
      for (let i = 0; i < count; i++) rule.answered(tookMs, Math.ceil(rule.limit));
      return rule.limit;
    };
    const fast = many(10, 100);
    expect(fast).toBeGreaterThan(60);
    expect(many(40, 30)).toBeLessThan(fast / 2);
    expect(many(10, 60)).toBeGreaterThan(20);
  });
});

describe("vegas", () => {
  test.each([
    [20, 10, 26],
    [20, 10.5, 26],
    [20, 11, 21],
    [20, 12, 20],
    [100, 10, 112],
    [100, 10.3, 102],
    [100, 10.8, 100],
  ])("at a limit of %d with 10 ms for the fastest, an answer of %d ms gives %d", (limit, tookMs, next) => {
    const rule = vegas(middle, { min: limit, max: 1_000 });
    rule.answered(10, 0); // the fastest, from a quiet time: the limit stays
    rule.answered(tookMs, limit);
    expect(rule.limit).toBe(Math.max(limit, next));
  });

  test("falls by a step when many wait", () => {
    const rule = vegas(middle, { min: 10, max: 1_000 });
    while (rule.limit < 150) rule.answered(10, Math.floor(rule.limit));
    const { limit } = rule;
    rule.answered(12, limit);
    expect(rule.limit).toBe(limit - 2);
    rule.dropped(limit);
    expect(rule.limit).toBe(limit - 4);
  });

  test("finds out that a service got slower for good", () => {
    const rule = vegas(middle, { min: 10, max: 100 });
    rule.answered(10, 10);
    for (let i = 0; i < 3_000; i++) rule.answered(30, Math.floor(rule.limit));
    expect(rule.limit).toBeGreaterThan(50);
  });
});

describe("gradient", () => {
  test.each(vectors.gradient.cases)("$limit at $medianMs ms against $fastestMs ms gives $next", (vector) => {
    expect(nextGradientLimit(vector.limit, vector.fastestMs, vector.medianMs)).toBe(vector.next);
  });

  test("measures at its least limit, then grows while answers stay as fast", () => {
    const rule = gradient();
    const seen: number[] = [];
    for (let i = 0; i < 50 * 9; i++) {
      rule.answered(10, 3);
      if (i % 50 === 49) seen.push(rule.limit);
    }
    expect(seen).toEqual([3, 5, 8, 13, 20, 30, 43, 61, 84]);
  });

  test("goes back to measure now and then, and takes up where it was", () => {
    const rule = gradient();
    const windows = (count: number): void => {
      for (let i = 0; i < 50 * count; i++) rule.answered(10, 3);
    };
    windows(101);
    expect(rule.limit).toBe(3);
    windows(1);
    expect(rule.limit).toBe(1_000);
  });
});

describe.each([
  ["gradient2", () => gradient2({ min: 4, max: 40 })],
  ["vegas", () => vegas(middle, { min: 4, max: 40 })],
  ["gradient", () => gradient({ min: 4, max: 40 })],
] as const)("%s", (_, make) => {
  test("stays within its bounds, whatever it is told", () => {
    const rule = make();
    for (let i = 0; i < 5_000; i++) {
      rule.answered(i % 7 === 0 ? 0.001 : i % 11 === 0 ? 1e9 : 10, i % 60);
      if (i % 3 === 0) rule.dropped(i % 60);
      expect(rule.limit).toBeGreaterThanOrEqual(4);
      expect(rule.limit).toBeLessThanOrEqual(40);
    }
  });
});

test.each([
  ["gradient2", () => gradient2({ min: 100, max: 1_000 })],
  ["vegas", () => vegas(middle, { min: 100, max: 1_000 })],
] as const)("%s learns nothing from a service that few call: the limit stays", (_, make) => {
  const rule = make();
  for (let i = 0; i < 1_000; i++) rule.answered(10, 3);
  rule.dropped(3);
  expect(rule.limit).toBe(100);
});
