import { describe, expect, test } from "vitest";
import { difference, quantile, rateBook, together } from "../pages/rates.js";

const bounds = [10, 20, 40];
const sample = (begun: number, failed = 0, latency: number[] = [0, 0, 0, 0]) => ({
  begun,
  ended: begun,
  failed,
  latency,
});

describe("rates", () => {
  test("are differences of counters over the time between them", () => {
    const rates = difference(sample(100, 1, [50, 50, 0, 0]), sample(300, 3, [150, 140, 10, 0]), 10, bounds);
    expect(rates).toMatchObject({ perSecond: 20, successRatio: 0.99, latency: [100, 90, 10, 0] });
    expect(rates.p50Ms).toBeCloseTo(10);
    expect(rates.p99Ms).toBeCloseTo(36); // 8 of the 10 between 20 and 40
  });

  test("of nothing that ended are unknown, not zero", () => {
    expect(difference(sample(5), sample(5), 10, bounds)).toMatchObject({
      perSecond: 0,
      successRatio: undefined,
      p50Ms: undefined,
    });
  });

  test("look back over ten seconds, however often is asked", () => {
    const book = rateBook(bounds);
    // 1 a second for a minute, then 100 a second.
    for (let s = 0; s <= 60; s++) book.add("orders", s * 1_000, sample(s));
    expect(book.of("orders").perSecond).toBe(1);
    for (let s = 61; s <= 70; s++) book.add("orders", s * 1_000, sample(60 + (s - 60) * 100));
    expect(book.of("orders").perSecond).toBe(100);
    expect(book.now("orders")).toBe(100);
  });

  test("need two samples", () => {
    const book = rateBook(bounds);
    expect(book.of("orders").perSecond).toBeUndefined();
    book.add("orders", 0, sample(1_000));
    expect(book.of("orders").perSecond).toBeUndefined();
    book.add("orders", 0, sample(2_000)); // the same answer once more
    expect(book.of("orders").perSecond).toBeUndefined();
  });

  test("begin anew when a counter has gone back", () => {
    const book = rateBook(bounds);
    book.add("orders", 0, sample(1_000));
    book.add("orders", 1_000, sample(10));
    expect(book.of("orders").perSecond).toBeUndefined();
    book.add("orders", 2_000, sample(15));
    expect(book.of("orders").perSecond).toBe(5);
  });

  test("are forgotten of what is not shown any more", () => {
    const book = rateBook(bounds);
    book.add("orders", 0, sample(0));
    book.add("orders", 1_000, sample(1));
    book.sweep(20_000);
    expect(book.of("orders").perSecond).toBe(1);
    book.sweep(32_000);
    expect(book.of("orders").perSecond).toBeUndefined();
  });

  test("of many are those of their sum", () => {
    expect(together([sample(1, 1, [1, 0, 0, 0]), sample(2, 0, [0, 0, 0, 2])])).toEqual(sample(3, 1, [1, 0, 0, 2]));
    expect(together([])).toEqual({ begun: 0, ended: 0, failed: 0, latency: [] });
  });
});

test.each([
  { counts: [0, 0, 0, 0], ratio: 0.5, ms: undefined, why: "nothing was counted" },
  { counts: [10, 0, 0, 0], ratio: 0.5, ms: 5, why: "half of a bucket that begins at 0" },
  { counts: [0, 10, 0, 0], ratio: 0.5, ms: 15, why: "half of a bucket that begins at its lower bound" },
  { counts: [9, 0, 1, 0], ratio: 0.99, ms: 38, why: "past an empty bucket" },
  { counts: [0, 0, 0, 5], ratio: 0.5, ms: 40, why: "above all bounds is told by the highest" },
])("the quantile $ratio of $counts is $ms ms: $why", ({ counts, ratio, ms }) => {
  const found = quantile(counts, bounds, ratio);
  if (ms === undefined) expect(found).toBeUndefined();
  else expect(found).toBeCloseTo(ms);
});
