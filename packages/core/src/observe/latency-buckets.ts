/** How often lengths of time fell below each of a few bounds: what a percentile is reckoned from. Grows only. */
export interface LatencyCounts {
  /** Upper bounds in ms, included, rising. */
  readonly boundsMs: readonly number[];
  /** One for each bound, not added up, and one for what is above them all. Live: whoever keeps it copies it. */
  readonly counts: Readonly<Float64Array>;
  readonly sumMs: number;
}

/**
 * Upper bounds of a service's buckets, in ms. Fixed, so that histograms of many homes can be added up.
 *
 * Source: Envoy's default histogram buckets, up to five minutes, with 2.5 ms added.
 */
export const LATENCY_BUCKETS_MS: readonly number[] = [
  0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
];

/** Of an endpoint's: fewer, for there are many endpoints. Each is one of a service's, so that they compare. */
export const ENDPOINT_BUCKETS_MS: readonly number[] = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000];

/** Counts latencies. Cost: a few comparisons, no allocation. */
export class LatencyBuckets implements LatencyCounts {
  readonly boundsMs: readonly number[];
  readonly counts: Float64Array;
  sumMs = 0;

  constructor(boundsMs: readonly number[] = LATENCY_BUCKETS_MS) {
    this.boundsMs = boundsMs;
    this.counts = new Float64Array(boundsMs.length + 1);
  }

  /** @param ms >= 0 */
  observe(ms: number): void {
    const { boundsMs } = this;
    let bucket = 0;
    while (bucket < boundsMs.length && ms > boundsMs[bucket]!) bucket++;
    this.counts[bucket]! += 1;
    this.sumMs += ms;
  }
}

/**
 * The length that a share of the lengths does not exceed, as near as the buckets tell: within one, evenly spread.
 *
 * @param ratio such as 0.99, in [0, 1]
 * @returns in ms; undefined when nothing was counted; the highest bound for what lies above it
 * Source: Prometheus, `histogram_quantile`.
 */
export function percentileMs({ boundsMs, counts }: LatencyCounts, ratio: number): number | undefined {
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return undefined;
  let left = ratio * total;
  for (let bucket = 0; bucket < boundsMs.length; bucket++) {
    const count = counts[bucket]!;
    if (count > 0 && left <= count) {
      const fromMs = bucket === 0 ? 0 : boundsMs[bucket - 1]!;
      return fromMs + (boundsMs[bucket]! - fromMs) * (left / count);
    }
    left -= count;
  }
  return boundsMs.at(-1);
}
