import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { LatencyCounts } from "./latency-counts.ts";

test("reads quantiles at most 0.2 % below the truth, and never above it", () => {
  const counts = new LatencyCounts(9);
  const random = seededRandom(2);
  const all = Float64Array.from({ length: 10_000 }, () => 1e4 ** random.unit() * 0.1).sort();
  for (const ms of all) counts.add(ms);
  for (const share of [0, 0.001, 0.5, 0.9, 0.99, 0.999]) {
    const truth = all[Math.floor(all.length * share)]!;
    const read = counts.quantile(share)!;
    expect(read).toBeLessThanOrEqual(truth);
    expect(read).toBeGreaterThan(truth * 0.998);
  }
});

test("bears what is shorter and longer than anything measured", () => {
  const counts = new LatencyCounts(4);
  for (const ms of [0, 1e-9, 1e300]) counts.add(ms);
  expect(counts.quantile(0)).toBeLessThan(0.001);
  expect(counts.quantile(1)).toBeGreaterThan(1e9);
});

test("knows nothing of no calls", () => {
  expect(new LatencyCounts(9).quantile(0.5)).toBeUndefined();
});
