export interface RetryCapOptions {
  /** Retries at once, as a share of the calls under way, 0 to 1. 1 is no bound. Default 0.2 (Envoy). */
  readonly concurrentRatio: number;
  /**
   * So many at once are allowed however few calls are under way, a whole number >= 0. Default 100, as many as the
   * budget's reserve holds. Envoy's 3 gives callers a failure for nearly every call that was at an endpoint when it died:
   * test/chaos/sidecar/endpoint-dies.test.ts.
   */
  readonly minConcurrent: number;
}

/** Source: Envoy `retry_budget`: `budget_percent` 20, `min_retry_concurrency` (there 3). */
export const RETRY_CAP_DEFAULTS: RetryCapOptions = { concurrentRatio: 0.2, minConcurrent: 100 };

/** 29 % of 100 calls come out as 28.999999999999996. */
const ROUNDING = 1e-9;

/**
 * Bounds how many retries of a service are under way at once: the budget bounds them over ten seconds, and alone would
 * let all that it holds go in one instant.
 *
 *   allowed = max(floor(concurrentRatio * calls under way), minConcurrent)
 *
 * A retry of what an endpoint may have worked on counts from the decision for it until its answer's head is here or it
 * failed: neither a long body nor a stream keeps others from being repeated. Source: Envoy `resource_manager_impl.h`.
 * Cost: O(1), nothing for a call without retries.
 */
export class RetryCap {
  /** May change while retries are under way. */
  options: RetryCapOptions;
  readonly #calls: () => number;
  #running = 0;

  /** @param calls how many calls of the service are under way, those that wait for a connection with them */
  constructor(calls: () => number, options: RetryCapOptions = RETRY_CAP_DEFAULTS) {
    this.#calls = calls;
    this.options = options;
  }

  /** Retries under way. */
  get running(): number {
    return this.#running;
  }

  /** How many may be under way now. */
  get most(): number {
    const { concurrentRatio, minConcurrent } = this.options;
    return Math.max(Math.floor(concurrentRatio * this.#calls() + ROUNDING), minConcurrent);
  }

  /** Whether another one may begin. */
  get hasRoom(): boolean {
    return this.#running < this.most;
  }

  /** One more is under way. `release` is called once for it. */
  take(): void {
    this.#running++;
  }

  release(): void {
    this.#running--;
  }
}
