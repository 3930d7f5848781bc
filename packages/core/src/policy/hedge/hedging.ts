import { retryBudget, RETRY_BUDGET_DEFAULTS, type RetryBudget } from "../retry-budget/retry-budget.ts";
import { LatencyHistogram } from "./latency-histogram.ts";

export interface HedgeOptions {
  /**
   * When the second attempt starts: a time in ms, or a percentile of recent latencies, in (0, 100). Below 1 ms counts as
   * 1 ms. Default p95.
   */
  readonly after:
    | { readonly kind: "time"; readonly ms: number }
    | { readonly kind: "percentile"; readonly percentile: number };
  /** Second attempts per call, in [0, 1], over the last 10 s. 0: none at all. Default 0.05. */
  readonly maxExtraRatio: number;
}

/** Source: reference 5, "p95, extra 5 %". Finagle's p(1 - maxExtraLoad) is the same pair. */
export const HEDGE_DEFAULTS: HedgeOptions = { after: { kind: "percentile", percentile: 95 }, maxExtraRatio: 0.05 };

/** How long a percentile that was read counts, in ms. Source: Finagle BackupRequestFilter. */
const REFRESH_MS = 3_000;
/** What of the latencies is kept from one reading to the next: together they span some 30 s, as Finagle's do. */
const KEPT = 0.9;

/**
 * When a call has waited long enough for a second attempt, and whether the load that this adds is affordable.
 *
 *   delay  = the configured time, or the percentile of recent latencies (>= 1 ms), read anew every 3 s
 *   extra  = hedges <= maxExtraRatio * calls, over 10 s, without any reserve
 *
 * A percentile p is known from 1 / (1 - p) answers on, 20 for p95: before, one slow answer would be the measure. A
 * quiet service keeps twice as many, however old: they fade as new ones come. One object for each policy of a service,
 * as the calls of one rule may take another time than those of another. Source: reference 2.12. Cost: O(1) for a call.
 */
export class Hedging {
  readonly #share: number;
  /** Answers that make the percentile known. */
  readonly #needed: number;
  readonly #latencies: LatencyHistogram | undefined;
  readonly #budget: RetryBudget;
  #delayMs: number;
  #refreshMs = Number.NEGATIVE_INFINITY;

  constructor(options: HedgeOptions = HEDGE_DEFAULTS) {
    const { after, maxExtraRatio } = options;
    const byTime = after.kind === "time";
    this.#share = byTime ? 1 : after.percentile / 100;
    this.#needed = 1 / (1 - this.#share);
    this.#latencies = byTime ? undefined : new LatencyHistogram();
    this.#delayMs = byTime ? Math.max(1, after.ms) : Number.POSITIVE_INFINITY;
    this.#budget = retryBudget({ ratio: maxExtraRatio, minPerSecond: 0, windowMs: RETRY_BUDGET_DEFAULTS.windowMs });
  }

  /** A call came: it pays into the budget. */
  deposit(nowMs: number): void {
    this.#budget.deposit(nowMs);
  }

  /** Takes one hedge out of the budget. False, and nothing taken, when it is spent. */
  withdraw(nowMs: number): boolean {
    return this.#budget.withdraw(nowMs);
  }

  /** Hedges that would be granted now. For `explain`. */
  remaining(nowMs: number): number {
    return this.#budget.remaining(nowMs);
  }

  /** How long the first attempt is waited for, in ms; Infinity: not known yet. */
  delayMs(nowMs: number): number {
    if (this.#latencies !== undefined && nowMs >= this.#refreshMs) this.#refresh(this.#latencies, nowMs);
    return this.#delayMs;
  }

  /** A first attempt was answered after `ms`, or had no answer for that long and was not waited for any more. */
  answered(ms: number, nowMs: number): void {
    const latencies = this.#latencies;
    if (latencies === undefined) return;
    if (nowMs >= this.#refreshMs) this.#refresh(latencies, nowMs);
    latencies.observe(ms);
    if (this.#delayMs === Number.POSITIVE_INFINITY) this.#read(latencies);
  }

  /** A first attempt failed after `ms`. Only one that took longer than is waited for says anything about latency. */
  failed(ms: number, nowMs: number): void {
    if (ms >= this.#delayMs) this.answered(ms, nowMs);
  }

  #refresh(latencies: LatencyHistogram, nowMs: number): void {
    const periods = 1 + Math.floor((nowMs - this.#refreshMs) / REFRESH_MS);
    if (latencies.total > 0)
      latencies.fade(Math.max(KEPT ** periods, Math.min(1, (2 * this.#needed) / latencies.total)));
    this.#refreshMs = nowMs + REFRESH_MS;
    this.#read(latencies);
  }

  #read(latencies: LatencyHistogram): void {
    // A thousandth less: a percentile such as 99.9 is no binary fraction, nor is what is left of faded counts.
    if (latencies.total >= this.#needed * 0.999) this.#delayMs = latencies.quantile(this.#share);
  }
}
