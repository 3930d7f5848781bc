import type { Random } from "../../time/time.ts";
import type { OutlierOptions } from "./options.ts";

/** Share of the time added at random, so that endpoints ejected together do not all return together. */
const JITTER_RATIO = 0.2;
/** A fit spell of this length, in ms, takes one ejection back from the count. */
const FORGIVEN_MS = 30_000;

/**
 * How long the next ejection lasts: `base * 2^(earlier)`, at most `maxEjectionMs`, plus up to 20 %.
 *
 * @param earlier ejections that still count, 0 for the first
 * @returns ms
 * Source: reference 2.9 item 5 (Finagle's backoff; Envoy grows linearly).
 */
export function ejectionMs(earlier: number, options: OutlierOptions, random: Random): number {
  // 2^40 * 1 ms is already 34 years: the exponent is bounded so that the product stays finite.
  const doubled = options.baseEjectionMs * 2 ** Math.min(earlier, 40);
  return Math.min(doubled, options.maxEjectionMs) * (1 + JITTER_RATIO * random.unit());
}

/** Ejections that still count after the endpoint has been fit for `fitMs`. */
export function stillCounted(ejections: number, fitMs: number): number {
  return Math.max(0, ejections - Math.floor(Math.max(0, fitMs) / FORGIVEN_MS));
}
