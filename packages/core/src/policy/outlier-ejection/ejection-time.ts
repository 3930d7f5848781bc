import type { Random } from "../../time/time.ts";
import type { OutlierOptions } from "./options.ts";

/** Share of the time added at random, so that endpoints ejected together do not all return together. */
const JITTER_RATIO = 0.2;
/** A fit spell of this length, in ms, takes one ejection back from the count. */
export const FORGIVEN_MS = 30_000;

/**
 * How long the next ejection lasts:
 *
 *   max(base * 2^(earlier), failing), at most `maxEjectionMs`, plus up to 20 %
 *
 * The doubling alone is for an endpoint that failed under full traffic. One that the balancer leaves alone by itself
 * comes to its third failure half a minute after the first: to try it again 5 s later would be to try it more often than
 * without any ejection.
 *
 * @param earlier   ejections that still count, 0 for the first
 * @param failingMs for how long it has been failing without a success in between
 * @returns ms
 * Source: reference 2.9 item 5 (Finagle's backoff; Envoy grows linearly); the second term is weft's own.
 */
export function ejectionMs(earlier: number, failingMs: number, options: OutlierOptions, random: Random): number {
  // 2^40 * 1 ms is already 34 years: the exponent is bounded so that the product stays finite.
  const doubled = options.baseEjectionMs * 2 ** Math.min(earlier, 40);
  const longest = Math.min(Math.max(doubled, failingMs), options.maxEjectionMs);
  return longest * (1 + JITTER_RATIO * random.unit());
}

/** Ejections that still count after the endpoint has been fit for `fitMs`. */
export function stillCounted(ejections: number, fitMs: number): number {
  return Math.max(0, ejections - Math.floor(Math.max(0, fitMs) / FORGIVEN_MS));
}
