import type { Random } from "../../time/time.ts";
import { type AdaptiveRule, isAppLimited } from "./adaptive-rule.ts";

export interface VegasOptions {
  /** Where it begins, and below which it never goes, >= 1. Default 20. */
  readonly min: number;
  /** Above which it never goes, >= min. Default 200. */
  readonly max: number;
}

/** Source: Netflix concurrency-limits, VegasLimit; reference 2.13. */
export const VEGAS_DEFAULTS: VegasOptions = { min: 20, max: 200 };

/** After so many answers for each call of the limit, drawn by chance, the fastest answer is measured anew. */
const PROBE_SAMPLES = 30;

/**
 * Estimates from the fastest answer how many of the calls wait: `queue = ceil(limit * (1 - fastest / now))`. Nobody
 * waits: the limit grows by six steps; few: by one; many: it falls by one. A step is the whole part of log10(limit), 1 at
 * least. Cost: O(1).
 *
 * @param random draws when the fastest answer is forgotten, so that a service that got slower for good is not held back
 */
export function vegas(random: Random, options: VegasOptions = VEGAS_DEFAULTS): AdaptiveRule {
  const { min, max } = options;
  let limit = min;
  let fastestMs = Number.POSITIVE_INFINITY;
  let untilProbe = probeAfter();

  function probeAfter(): number {
    return PROBE_SAMPLES * limit * (0.5 + random.unit() / 2);
  }

  function change(by: number): void {
    limit = Math.min(max, Math.max(min, limit + by));
  }

  return {
    kind: "vegas",
    get limit() {
      return limit;
    },
    answered(tookMs, running) {
      if (--untilProbe <= 0) {
        untilProbe = probeAfter();
        fastestMs = tookMs;
      }
      if (tookMs < fastestMs) fastestMs = tookMs;
      if (isAppLimited(running, limit)) return;
      const step = stepOf(limit);
      const waiting = Math.ceil(limit * (1 - fastestMs / tookMs));
      if (waiting <= step) change(6 * step);
      else if (waiting < 3 * step) change(step);
      else if (waiting > 6 * step) change(-step);
    },
    dropped(running) {
      if (!isAppLimited(running, limit)) change(-stepOf(limit));
    },
  };
}

function stepOf(limit: number): number {
  return Math.max(1, Math.floor(Math.log10(limit)));
}
