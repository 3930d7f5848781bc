import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

test("lets a burst through, then so many a second", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 });
  const taken = (atMs: number): number => {
    let count = 0;
    while (bucket.take(atMs)) count++;
    return count;
  };
  expect([taken(0), taken(99), taken(100), taken(250), taken(10_000)]).toEqual([3, 0, 1, 1, 3]);
});

test("says how long until the next", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 1 });
  expect(bucket.waitMs(0)).toBe(0);
  bucket.take(0);
  expect(bucket.waitMs(0)).toBeCloseTo(100);
  expect(bucket.waitMs(60)).toBeCloseTo(40);
});

test("a reading from before gives none, and takes none", () => {
  const bucket = new TokenBucket({ perSecond: 1_000, burst: 1 });
  expect([5_000, 4_500, 5_000, 5_001].map((atMs) => bucket.take(atMs))).toEqual([true, false, false, true]);
});

test("a clock that is set back by an hour gives none, and then one after the other", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 2 });
  const times = [3_600_000, 3_600_000, 0, 50, 100, 150, 200, 3_600_200];
  expect(times.map((atMs) => bucket.take(atMs))).toEqual([true, true, false, false, true, false, true, true]);
});

test("in no window does more go through than the rate and one burst", () => {
  const calls = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 });
  const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 500 }), burst: fc.integer({ min: 1, max: 50 }) });
  fc.assert(
    fc.property(rates, calls, (rate, gaps) => {
      const bucket = new TokenBucket(rate);
      const times: number[] = [];
      let nowMs = 0;
      for (const gap of gaps) {
        nowMs += gap;
        if (bucket.take(nowMs)) times.push(nowMs);
      }
      times.forEach((from, first) => {
        times.slice(first).forEach((to, more) => {
          const most = rate.burst + ((to - from) / 1_000) * rate.perSecond;
          expect(more + 1).toBeLessThanOrEqual(most + 1e-6);
        });
      });
    }),
    { seed: 7, numRuns: 100 },
  );
});
