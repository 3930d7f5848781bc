import { type AdaptiveRule, isAppLimited } from "./adaptive-rule.ts";

export interface Gradient2Options {
  /** Where it begins, and below which it never goes, >= 1. Default 20. */
  readonly min: number;
  /** Above which it never goes, >= min. Default 200. */
  readonly max: number;
}

/** Source: Netflix concurrency-limits, Gradient2Limit; reference 2.13. */
export const GRADIENT2_DEFAULTS: Gradient2Options = { min: 20, max: 200 };

/** Share of a new limit that is taken over at once. Source: as above. */
const SMOOTHING = 0.2;
/** Calls that may wait at a limit that is right. */
const QUEUE = 4;
/** So much longer than usual an answer may take before the limit falls. */
const TOLERANCE = 1.5;
const LONG_SAMPLES = 600;
const WARM_UP = 10;
/** When answers got twice as fast, the long average follows faster than it would by itself. */
const DRIFT = 0.95;

/**
 * Compares what an answer takes now with what it takes in the long run:
 *
 *   limit' = 0.8 limit + 0.2 (limit * clamp(1.5 * long / now, 0.5, 1) + 4)
 *
 * so the limit grows by a queue's length while answers are as fast as ever, and falls when they get slower. Cost: O(1).
 */
export function gradient2(options: Gradient2Options = GRADIENT2_DEFAULTS): AdaptiveRule {
  const { min, max } = options;
  let limit = min;
  let longMs = 0;
  let samples = 0;

  function learn(tookMs: number): void {
    samples++;
    // The first ones are averaged: the very first alone is no measure of anything.
    const weight = samples <= WARM_UP ? 1 / samples : 2 / (LONG_SAMPLES + 1);
    longMs += (tookMs - longMs) * weight;
    if (longMs / tookMs > 2) longMs *= DRIFT;
  }

  return {
    kind: "gradient2",
    get limit() {
      return limit;
    },
    answered(tookMs, running) {
      learn(tookMs);
      if (isAppLimited(running, limit)) return;
      const gradient = Math.min(1, Math.max(0.5, (TOLERANCE * longMs) / tookMs));
      const next = limit * (1 - SMOOTHING) + SMOOTHING * (limit * gradient + QUEUE);
      limit = Math.min(max, Math.max(min, next));
    },
    // Its answer time would have said so; a refusal says it without one.
    dropped(running) {
      if (isAppLimited(running, limit)) return;
      limit = Math.max(min, limit * (1 - SMOOTHING) + SMOOTHING * (limit * 0.5 + QUEUE));
    },
  };
}
