import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { HEDGE_DEFAULTS, type HedgeOptions, Hedging } from "./hedging.ts";
import { LatencyHistogram } from "./latency-histogram.ts";

const UNKNOWN = Number.POSITIVE_INFINITY;

describe("latency histogram", () => {
  test.each([
    { ms: 0, read: 1 },
    { ms: 0.3, read: 1 },
    { ms: 1, read: 1 },
    { ms: 1.01, read: 2 ** (1 / 16) },
    { ms: 1_024, read: 1_024 },
    { ms: 1e9, read: 2 ** 18 },
    { ms: Number.POSITIVE_INFINITY, read: 2 ** 18 },
    { ms: -5, read: 1 },
  ])("reads $ms ms as $read", ({ ms, read }) => {
    const latencies = new LatencyHistogram();
    latencies.observe(ms);
    expect(latencies.quantile(0.5)).toBe(read);
  });

  test("reads a quantile at most 4.4 % too high and never too low", () => {
    const random = seededRandom(3);
    const latencies = new LatencyHistogram();
    const sample = Array.from({ length: 5_000 }, () => 5 * Math.exp(3 * random.unit()));
    for (const ms of sample) latencies.observe(ms);
    sample.sort((a, b) => a - b);
    for (const share of [0.01, 0.5, 0.9, 0.95, 0.99]) {
      const exact = sample[Math.ceil(share * sample.length) - 1]!;
      expect(latencies.quantile(share)).toBeGreaterThanOrEqual(exact);
      expect(latencies.quantile(share)).toBeLessThanOrEqual(exact * 2 ** (1 / 16));
    }
  });

  test("lets the faded ones count for less", () => {
    const latencies = new LatencyHistogram();
    for (let i = 0; i < 100; i++) latencies.observe(1_024);
    latencies.fade(0.1);
    expect(latencies.total).toBeCloseTo(10);
    for (let i = 0; i < 30; i++) latencies.observe(2);
    expect(latencies.quantile(0.5)).toBe(2);
    expect(latencies.quantile(0.9)).toBe(1_024);
  });
});

describe("hedging", () => {
  test("waits for a configured time from the first call on", () => {
    const hedging = new Hedging(options({ after: { kind: "time", ms: 30 } }));
    expect(hedging.delayMs(0)).toBe(30);
    for (let i = 0; i < 100; i++) hedging.answered(500, i);
    expect(hedging.delayMs(60_000)).toBe(30);
  });

  test.each([
    { percentile: 50, needed: 2 },
    { percentile: 95, needed: 20 },
    { percentile: 99, needed: 100 },
    { percentile: 99.9, needed: 1_000 },
  ])("knows p$percentile from $needed answers on", ({ percentile, needed }) => {
    const hedging = new Hedging(options({ after: { kind: "percentile", percentile } }));
    for (let i = 0; i < needed - 1; i++) hedging.answered(64, 0);
    expect(hedging.delayMs(0)).toBe(UNKNOWN);
    hedging.answered(64, 0);
    expect(hedging.delayMs(0)).toBe(64);
  });

  test("reads the percentile anew every 3 s, and not for each answer", () => {
    const hedging = new Hedging();
    for (let i = 0; i < 20; i++) hedging.answered(64, 0);
    for (let i = 0; i < 200; i++) hedging.answered(256, 2_999);
    expect(hedging.delayMs(2_999)).toBe(64);
    expect(hedging.delayMs(3_000)).toBe(256);
  });

  test("forgets within a minute how slow the service was", () => {
    const hedging = new Hedging();
    for (let i = 0; i < 300; i++) hedging.answered(4_096, 0);
    const delays = Array.from({ length: 60 }, (_, second) => {
      for (let i = 0; i < 100; i++) hedging.answered(16, second * 1_000);
      return hedging.delayMs(second * 1_000);
    });
    expect(delays[0]).toBe(4_096);
    expect(delays.at(-1)).toBe(16);
  });

  test("keeps the measure of a service that was quiet for an hour", () => {
    const hedging = new Hedging();
    for (let i = 0; i < 1_000; i++) hedging.answered(64, 0);
    expect(hedging.delayMs(3_600_000)).toBe(64);
    for (let i = 0; i < 100; i++) hedging.answered(16, 3_600_000);
    expect(hedging.delayMs(3_700_000)).toBe(64); // 40 of the old count with the 100
    for (let i = 0; i < 1_000; i++) hedging.answered(16, 3_700_000);
    expect(hedging.delayMs(3_800_000)).toBe(16);
  });

  test("learns nothing from a failure that was faster than it waits for", () => {
    const hedging = new Hedging();
    for (let i = 0; i < 100; i++) hedging.failed(2, 0);
    for (let i = 0; i < 20; i++) hedging.answered(64, 0);
    for (let i = 0; i < 100; i++) hedging.failed(2, 0);
    expect(hedging.delayMs(3_000)).toBe(64);
    for (let i = 0; i < 100; i++) hedging.failed(1_024, 3_000);
    expect(hedging.delayMs(6_000)).toBe(1_024);
  });

  test("stays with its measure when the clock steps back", () => {
    const hedging = new Hedging();
    for (let i = 0; i < 20; i++) hedging.answered(64, 1e6);
    for (let i = 0; i < 200; i++) hedging.answered(256, 0);
    expect(hedging.delayMs(0)).toBe(64);
  });

  test.each([
    { maxExtraRatio: 0, granted: 0 },
    { maxExtraRatio: 0.05, granted: 5 },
    { maxExtraRatio: 1, granted: 100 },
  ])(
    "grants $granted hedges to 100 calls at a ratio of $maxExtraRatio, and no reserve",
    ({ maxExtraRatio, granted }) => {
      const hedging = new Hedging(options({ maxExtraRatio }));
      expect(hedging.withdraw(0)).toBe(false);
      for (let i = 0; i < 100; i++) hedging.deposit(0);
      expect(hedging.remaining(0)).toBe(granted);
      let count = 0;
      while (hedging.withdraw(0)) count++;
      expect(count).toBe(granted);
    },
  );
});

function options(changes: Partial<HedgeOptions>): HedgeOptions {
  return { ...HEDGE_DEFAULTS, ...changes };
}
