import { describe, expect, test } from "vitest";
import { vectors } from "../../vectors.suite.ts";
import { failsTooOften } from "./failure-percentage-rule.ts";
import { isSlow } from "./latency-rule.ts";
import { isWorse, wilsonBound } from "./relative-rule.ts";
import { successRateThreshold } from "./success-rate-rule.ts";

const counts = ([failures, attempts]: readonly [number, number]) => ({ failures, attempts });

describe("the relative test", () => {
  test.each(vectors.relative_outlier.cases)("$host against $others at $margin: $eject", (vector) => {
    expect(wilsonBound(counts(vector.host), -2.5)).toBeCloseTo(vector.lower, 4);
    expect(wilsonBound(counts(vector.others), 2.5)).toBeCloseTo(vector.upper, 4);
    expect(isWorse(counts(vector.host), counts(vector.others), vector.margin)).toBe(vector.eject);
  });

  test.each([
    { endpoints: 2, attempts: 8 },
    { endpoints: 3, attempts: 6 },
    { endpoints: 5, attempts: 4 },
    { endpoints: 10, attempts: 3 },
  ])("sees that one of $endpoints is dead after $attempts attempts each, and not before", ({ endpoints, attempts }) => {
    const sees = (each: number): boolean => {
      return isWorse(counts([each, each]), counts([0, each * (endpoints - 1)]), 0.1);
    };
    expect([sees(attempts - 1), sees(attempts)]).toEqual([false, true]);
  });

  test("says nothing of what nobody knows", () => {
    expect(isWorse(counts([0, 0]), counts([0, 0]), 0)).toBe(false);
    expect(isWorse(counts([5, 5]), counts([0, 0]), 0)).toBe(false);
    expect([wilsonBound(counts([0, 0]), -2.5), wilsonBound(counts([0, 0]), 2.5)]).toEqual([0, 1]);
  });
});

describe("Envoy's test of success rates", () => {
  const ofRates = (rates: readonly number[]) => rates.map((rate) => counts([100 - rate, 100]));

  test.each(vectors.success_rate_outlier.cases)(
    "of $rates the threshold is $threshold",
    ({ rates, threshold, eject }) => {
      const found = successRateThreshold(ofRates(rates))!;
      expect(found * 100).toBeCloseTo(threshold, 4);
      const out = rates.flatMap((rate, i) => (rate / 100 < found ? [i] : []));
      expect(out).toEqual(eject);
    },
  );

  test("needs five endpoints with a hundred attempts each", () => {
    const four = ofRates([0, 100, 100, 100]);
    expect(successRateThreshold(four)).toBeUndefined();
    expect(successRateThreshold([...four, counts([0, 99])])).toBeUndefined();
    expect(successRateThreshold([...four, counts([0, 100])])).toBeDefined();
  });
});

describe("Envoy's test of a share of failures", () => {
  const others = Array.from({ length: 4 }, () => counts([0, 50]));

  test.each([
    { host: counts([43, 50]), out: true },
    { host: counts([42, 50]), out: false },
    { host: counts([49, 49]), out: false },
  ])("$host.failures of $host.attempts: $out", ({ host, out }) => {
    expect(failsTooOften(host, [host, ...others])).toBe(out);
  });

  test("needs five endpoints with fifty attempts each", () => {
    const host = counts([50, 50]);
    expect(failsTooOften(host, [host, ...others.slice(1)])).toBe(false);
  });
});

describe("the test of latencies", () => {
  test.each([
    { latencyMs: 600, others: [100, 100], attempts: 20, slow: true },
    { latencyMs: 500, others: [100, 100], attempts: 20, slow: false },
    { latencyMs: 90, others: [10, 10], attempts: 20, slow: false }, // nine times, and yet only 80 ms more
    { latencyMs: 600, others: [100, 100], attempts: 19, slow: false },
    { latencyMs: 600, others: [100, 5_000, 100], attempts: 20, slow: true }, // another slow one hides nobody
    { latencyMs: 600, others: [], attempts: 20, slow: false },
  ])("$latencyMs ms against $others: $slow", ({ latencyMs, others, attempts, slow }) => {
    expect(isSlow(latencyMs, others, attempts)).toBe(slow);
  });
});
