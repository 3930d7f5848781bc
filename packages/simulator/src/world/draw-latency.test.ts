import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import type { Latency } from "../scenario/scenario.ts";
import { drawLatency } from "./draw-latency.ts";

function drawn(latency: Latency): Float64Array {
  const random = seededRandom(5);
  return Float64Array.from({ length: 100_000 }, () => drawLatency(latency, random)).sort();
}

// Of 100,000 draws a quantile near the middle is off by 0.5 % at most, and one near the end by 3 %.
test.each<{ latency: Latency; p50: number; p99: number }>([
  { latency: { kind: "constant", ms: 12 }, p50: 12, p99: 12 },
  { latency: { kind: "exponential", meanMs: 20 }, p50: 20 * Math.LN2, p99: 20 * Math.log(100) },
  { latency: { kind: "lognormal", p50Ms: 15, p99Ms: 90 }, p50: 15, p99: 90 },
  { latency: { kind: "lognormal", p50Ms: 15, p99Ms: 15 }, p50: 15, p99: 15 },
  { latency: { kind: "samples", ms: Float64Array.of(1, 1, 1, 9) }, p50: 1, p99: 9 },
])("$latency.kind latencies have the quantiles that they should", ({ latency, p50, p99 }) => {
  const all = drawn(latency);
  expect(all[50_000]! / p50).toBeCloseTo(1, 1.5);
  expect(all[99_000]! / p99).toBeCloseTo(1, 1.2);
});
