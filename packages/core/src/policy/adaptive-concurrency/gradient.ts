import type { AdaptiveRule } from "./adaptive-rule.ts";

export interface GradientOptions {
  /** Below which it never goes, and to which it goes to measure, >= 1. Default 3. */
  readonly min: number;
  /** Above which it never goes, >= min. Default 1,000. */
  readonly max: number;
}

/** Source: Envoy adaptive_concurrency.proto; reference 2.13. */
export const GRADIENT_DEFAULTS: GradientOptions = { min: 3, max: 1_000 };

/** So much longer than the fastest an answer may take. Source: Envoy `min_rtt_calc_params.buffer`. */
const BUFFER = 0.25;
/** Answers in one window, whose median counts. Envoy's window is a time; a count needs no clock and no timer. */
const WINDOW = 50;
/** Windows until the fastest answer is measured anew, with the limit at its least. */
const WINDOWS_TO_MEASURE = 100;

/**
 * The limit that follows a window, by Envoy's rule:
 *
 *   gradient = clamp(1.25 * fastest / median, 0.5, 2);  limit' = floor(limit * gradient + sqrt(limit * gradient))
 */
export function nextGradientLimit(
  limit: number,
  fastestMs: number,
  medianMs: number,
  { min, max }: GradientOptions = GRADIENT_DEFAULTS,
): number {
  const gradient = Math.min(2, Math.max(0.5, (fastestMs * (1 + BUFFER)) / medianMs));
  const scaled = limit * gradient;
  return Math.min(max, Math.max(min, Math.floor(scaled + Math.sqrt(scaled))));
}

/**
 * Envoy's rule, for those who want the same: compares the median of a window with the median at the least limit, which is
 * measured anew now and then. Very sensitive to answers that take 1.25 to 1.5 of the fastest; `gradient2` is not.
 */
export function gradient(options: GradientOptions = GRADIENT_DEFAULTS): AdaptiveRule {
  const window = new Float64Array(WINDOW);
  let limit = options.min;
  let fastestMs = 0; // 0: being measured
  let learned = options.min;
  let samples = 0;
  let windows = 0;

  return {
    kind: "gradient",
    get limit() {
      return limit;
    },
    answered(tookMs) {
      window[samples++] = tookMs;
      if (samples < WINDOW) return;
      samples = 0;
      const medianMs = window.toSorted()[WINDOW / 2]!;
      if (fastestMs === 0) {
        fastestMs = medianMs;
        limit = learned;
        return;
      }
      limit = nextGradientLimit(limit, fastestMs, medianMs, options);
      if (++windows % WINDOWS_TO_MEASURE === 0) {
        learned = limit;
        limit = options.min;
        fastestMs = 0;
      }
    },
    dropped() {}, // a call without an answer is in no median
  };
}
