/** Buckets to a doubling: what is read is at most 2^(1/16) - 1 = 4.4 % above the truth. */
const PER_DOUBLING = 16;
/** From 1 ms up to 2^18 ms = 262 s. */
const BUCKETS = 18 * PER_DOUBLING + 1;

/**
 * How long answers took, counted in buckets that grow by 4.4 %. Bucket 0 holds all up to 1 ms, the last one all beyond.
 *
 * Cost: one logarithm for an observation above 1 ms, and no memory; O(buckets) to read or to fade, which is for every
 * few seconds.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;

  /** Observations, as far as they have not faded. */
  get total(): number {
    return this.#total;
  }

  observe(ms: number): void {
    const bucket = ms <= 1 ? 0 : Math.ceil(Math.log2(ms) * PER_DOUBLING);
    this.#counts[Math.min(bucket, BUCKETS - 1)]! += 1;
    this.#total++;
  }

  /** Makes what was observed so far count for less. @param kept share that stays, in [0, 1] */
  fade(kept: number): void {
    const counts = this.#counts;
    for (let i = 0; i < BUCKETS; i++) counts[i]! *= kept;
    this.#total *= kept;
  }

  /** The latency that `share` of the answers did not exceed, in ms, >= 1: the upper end of its bucket. */
  quantile(share: number): number {
    const wanted = share * this.#total;
    let seen = 0;
    let bucket = -1;
    do seen += this.#counts[++bucket]!;
    while (seen < wanted && bucket < BUCKETS - 1);
    return 2 ** (bucket / PER_DOUBLING);
  }
}
