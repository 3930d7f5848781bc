import { describe, expect, test } from "vitest";
import { ENDPOINT_BUCKETS_MS, LATENCY_BUCKETS_MS, LatencyBuckets, percentileMs } from "./latency-buckets.ts";

function counted(...lengthsMs: number[]): LatencyBuckets {
  const histogram = new LatencyBuckets();
  for (const ms of lengthsMs) histogram.observe(ms);
  return histogram;
}

describe("latency buckets", () => {
  test("puts a latency into the first bucket that holds it, bounds included", () => {
    const histogram = counted(0, 0.5, 0.51, 1, 24.9, 300_000, 300_001);
    const at = (bound: number): number => histogram.counts[LATENCY_BUCKETS_MS.indexOf(bound)]!;
    expect([at(0.5), at(1), at(25), at(300_000), histogram.counts.at(-1)]).toEqual([2, 2, 1, 1, 1]);
    expect(histogram.sumMs).toBeCloseTo(600_027.91);
  });

  test("has for an endpoint some of a service's bounds", () => {
    expect(ENDPOINT_BUCKETS_MS.filter((bound) => !LATENCY_BUCKETS_MS.includes(bound))).toEqual([]);
  });
});

describe("percentile", () => {
  test.each([
    { lengths: [], ratio: 0.5, ms: undefined, why: "nothing was counted" },
    { lengths: [30, 30, 30, 30], ratio: 0.5, ms: 37.5, why: "half way through the bucket from 25 to 50" },
    { lengths: [30, 30, 30, 200], ratio: 0.99, ms: 244, why: "the last of four, 96 % through its bucket" },
    { lengths: [0.2, 0.2], ratio: 1, ms: 0.5, why: "the first bucket begins at 0" },
    { lengths: [3, 900_000], ratio: 0.99, ms: 300_000, why: "above the bounds nothing is known but the highest" },
    { lengths: [3, 30], ratio: 0, ms: 2.5, why: "no share begins where the first bucket in use does" },
  ])("$ratio of $lengths is $ms ms: $why", ({ lengths, ratio, ms }) => {
    const found = percentileMs(counted(...lengths), ratio);
    if (ms === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(ms);
  });
});
