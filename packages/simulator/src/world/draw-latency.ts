import type { Random } from "@weft/core";
import type { Latency } from "../scenario/scenario.ts";

/** ms of one answer. */
export function drawLatency(latency: Latency, random: Random): number {
  switch (latency.kind) {
    case "constant":
      return latency.ms;
    case "exponential":
      return -Math.log(1 - random.unit()) * latency.meanMs;
    case "lognormal":
      return latency.p50Ms * (latency.p99Ms / latency.p50Ms) ** (drawNormal(random) / NORMAL_P99);
    case "samples":
      return latency.ms[random.below(latency.ms.length)]!;
    default:
      return latency satisfies never;
  }
}

/** The 99th percentile of the standard normal distribution. */
const NORMAL_P99 = 2.326_347_874_040_841;

/** Standard normal. Source: Box and Muller 1958. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
}
