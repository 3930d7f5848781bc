/**
 * Upper bounds of the buckets in ms. Fixed, so that histograms of many sidecars can be added up.
 *
 * Source: Envoy's default histogram buckets, up to five minutes, with 2.5 ms added.
 */
export const LATENCY_BUCKETS_MS: readonly number[] = [
  0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
];

/** How often latencies fell below each bound. Cost: a few comparisons, no allocation. */
export class LatencyHistogram {
  /** One cell for each bucket, not added up, and one for what is above them all. */
  readonly counts: Float64Array = new Float64Array(LATENCY_BUCKETS_MS.length + 1);
  sumMs = 0;

  /** @param ms >= 0 */
  observe(ms: number): void {
    let bucket = 0;
    while (bucket < LATENCY_BUCKETS_MS.length && ms > LATENCY_BUCKETS_MS[bucket]!) bucket++;
    this.counts[bucket]! += 1;
    this.sumMs += ms;
  }
}
