import type { Random } from "../../time/time.ts";

export interface BackoffOptions {
  /** Bound of the first pause, in ms, >= 0. Default 25 (Envoy). */
  readonly baseMs: number;
  /** Bound of any pause, in ms, >= baseMs. Default 250 (Envoy: ten times the base). */
  readonly maxMs: number;
}

export const BACKOFF_DEFAULTS: BackoffOptions = { baseMs: 25, maxMs: 250 };

/**
 * The pause before a retry: anything from 0 up to `base * 2^(retry - 1)`, at most `maxMs`. Full jitter, so that those
 * who failed together do not come back together.
 *
 * @param retry 1 for the first
 * @returns ms
 * Source: Envoy router; AWS Builders' Library, "Timeouts, retries and backoff with jitter".
 */
export function backoffMs(retry: number, options: BackoffOptions, random: Random): number {
  return random.unit() * Math.min(options.baseMs * 2 ** Math.min(retry - 1, 40), options.maxMs);
}
