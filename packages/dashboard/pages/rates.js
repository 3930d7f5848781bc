/** @import { Rates, Sample } from "./types.d.ts" */

/** Over how long a rate is taken, in ms: long enough that a quiet service has one, short enough to see an outage. */
export const WINDOW_MS = 10_000;
/** Things that are not shown any more are forgotten after so long, in ms. */
const FORGET_MS = 30_000;

/** @type {Rates} */
export const NO_RATES = {
  perSecond: undefined,
  successRatio: undefined,
  p50Ms: undefined,
  p99Ms: undefined,
  latency: [],
};

/**
 * Keeps what was counted of many things over the last seconds, and tells rates from the differences.
 *
 * @param {readonly number[]} boundsMs upper bounds of the latency buckets
 */
export function rateBook(boundsMs) {
  /** @type {Map<string, { atMs: number; sample: Sample }[]>} by name, oldest first */
  const kept = new Map();
  return {
    boundsMs,
    /** @param {string} name @param {number} atMs @param {Sample} sample */
    add(name, atMs, sample) {
      const samples = kept.get(name) ?? [];
      const last = samples.at(-1);
      if (last !== undefined && atMs <= last.atMs) return;
      // Counters that went back have begun anew: what was before tells nothing about them.
      if (last !== undefined && sample.begun < last.sample.begun) samples.length = 0;
      samples.push({ atMs, sample });
      // The newest of those that are old enough is the one to compare with; what is older goes.
      while (samples.length > 2 && atMs - /** @type {{ atMs: number }} */ (samples[1]).atMs >= WINDOW_MS)
        samples.shift();
      kept.set(name, samples);
    },
    /** @param {string} name @returns {Rates} */
    of(name) {
      const samples = kept.get(name);
      const [first, last] = [samples?.[0], samples?.at(-1)];
      if (first === undefined || last === undefined || first === last) return NO_RATES;
      return difference(first.sample, last.sample, (last.atMs - first.atMs) / 1000, boundsMs);
    },
    /** Calls a second between the two newest samples. @param {string} name */
    now(name) {
      const samples = kept.get(name) ?? [];
      const [before, last] = samples.slice(-2);
      if (before === undefined || last === undefined) return undefined;
      return ((last.sample.begun - before.sample.begun) * 1000) / (last.atMs - before.atMs);
    },
    /** Forgets what has not been added to for a while. @param {number} atMs */
    sweep(atMs) {
      for (const [name, samples] of kept) if (atMs - (samples.at(-1)?.atMs ?? 0) > FORGET_MS) kept.delete(name);
    },
    clear: () => kept.clear(),
  };
}

/**
 * @param {Sample} before
 * @param {Sample} now
 * @param {number} seconds > 0
 * @param {readonly number[]} boundsMs
 * @returns {Rates}
 */
export function difference(before, now, seconds, boundsMs) {
  const ended = now.ended - before.ended;
  const failed = Math.min(ended, now.failed - before.failed);
  const latency = now.latency.map((value, at) => Math.max(0, value - (before.latency[at] ?? 0)));
  return {
    perSecond: (now.begun - before.begun) / seconds,
    successRatio: ended > 0 ? (ended - failed) / ended : undefined,
    p50Ms: quantile(latency, boundsMs, 0.5),
    p99Ms: quantile(latency, boundsMs, 0.99),
    latency,
  };
}

/**
 * The length that a share of the calls did not exceed, as near as the buckets tell: within one, evenly spread.
 * Source: Prometheus, `histogram_quantile`.
 *
 * @param {readonly number[]} counts one for each bound, and one for what is above them all
 * @param {readonly number[]} boundsMs
 * @param {number} ratio
 * @returns {number | undefined} in ms; the highest bound for what lies above it
 */
export function quantile(counts, boundsMs, ratio) {
  const total = counts.reduce((sum, value) => sum + value, 0);
  if (total === 0) return undefined;
  let left = ratio * total;
  for (const [at, bound] of boundsMs.entries()) {
    const here = counts[at] ?? 0;
    const from = at === 0 ? 0 : (boundsMs[at - 1] ?? 0);
    if (here > 0 && left <= here) return from + (bound - from) * (left / here);
    left -= here;
  }
  return boundsMs.at(-1);
}

/** The counts of many things as those of one. @param {readonly Sample[]} samples @returns {Sample} */
export function together(samples) {
  /** @type {number[]} */
  const latency = [];
  const sum = { begun: 0, ended: 0, failed: 0, latency };
  for (const sample of samples) {
    sum.begun += sample.begun;
    sum.ended += sample.ended;
    sum.failed += sample.failed;
    for (const [at, value] of sample.latency.entries()) latency[at] = (latency[at] ?? 0) + value;
  }
  return sum;
}
