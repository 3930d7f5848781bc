/** The rate at which one watch may ask, whatever the registry does. */
const BURST = 2;
const REFILL_MS = 500;
/** While the service changes all the time: Consul's own advice is to degrade to polling. */
const BUSY_REFILL_MS = 5_000;
const BUSY_CHANGES = 10;
const BUSY_WINDOW_MS = 10_000;
const QUIET_MS = 60_000;

/**
 * Bounds the requests of a watch: two at once, then one each 500 ms; one each 5 s after more than ten changes in ten
 * seconds, until a minute passed without that many.
 *
 * Source: Consul, Blocking Queries, "rate limit"; consul-template watch/view.go. Cost: O(1), no timer.
 */
export class TokenBucket {
  #tokens = BURST;
  #filledAtMs = Number.NEGATIVE_INFINITY;
  #busyUntilMs = Number.NEGATIVE_INFINITY;
  /** Instants of the last changes, oldest first, at most BUSY_CHANGES + 1. */
  #changes: readonly number[] = [];

  /** Takes the right to ask once. @returns ms to wait before using it, 0 for at once */
  take(nowMs: number): number {
    const refillMs = nowMs < this.#busyUntilMs ? BUSY_REFILL_MS : REFILL_MS;
    if (this.#filledAtMs === Number.NEGATIVE_INFINITY) this.#filledAtMs = nowMs;
    this.#tokens = Math.min(BURST, this.#tokens + (nowMs - this.#filledAtMs) / refillMs) - 1;
    this.#filledAtMs = nowMs;
    return this.#tokens >= 0 ? 0 : -this.#tokens * refillMs;
  }

  /** The content changed. */
  changed(nowMs: number): void {
    this.#changes = [...this.#changes, nowMs].slice(-(BUSY_CHANGES + 1));
    const oldest = this.#changes[0];
    if (this.#changes.length > BUSY_CHANGES && oldest !== undefined && nowMs - oldest <= BUSY_WINDOW_MS) {
      this.#busyUntilMs = nowMs + QUIET_MS;
    }
  }
}
