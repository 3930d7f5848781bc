/** As many samples are remembered: of more, the older ones count less and less. */
const REMEMBERED = 50;

/**
 * The mean of the latest samples of an endpoint, about fifty: soon another where much is going on, and steady where
 * little is. Of no length of time: an endpoint that is asked once a minute has one, too.
 */
export class RunningMean {
  /** Undefined before the first sample. */
  mean: number | undefined = undefined;
  /** How many samples it stands for, up to fifty more than came last. */
  weight = 0;
  /** When the latest came. */
  atMs: number = Number.NEGATIVE_INFINITY;

  /** @param sum of `count` samples, count >= 1 */
  add(sum: number, count: number, nowMs: number): void {
    const kept = Math.min(this.weight, REMEMBERED);
    this.mean = ((this.mean ?? 0) * kept + sum) / (kept + count);
    this.weight = kept + count;
    this.atMs = nowMs;
  }
}
