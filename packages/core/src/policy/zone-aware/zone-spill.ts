import { timesSlower, type ZoneCondition, type ZoneLimit, zoneLimit, type ZoneSpillOptions } from "./zone-limit.ts";

/** How fast what a zone keeps follows how it does: time constant, in ms. Source: weft; that of its latencies. */
const TAU_MS = 10_000;
/** One look counts for so long at most, in ms: what has not been looked at for a minute did not change at once. */
const LONGEST_STEP_MS = 2_000;

/**
 * How much of its calls the own zone keeps, followed slowly: every caller sees the same trouble in the same second, and
 * were all to leave at once, the other zones would be in trouble next.
 *
 *   kept += (limit - kept) * (1 - exp(-elapsed / 10 s))
 *
 * Kept in whole per cent, so that shares change when there is a change, and not with each look.
 * Source: weft's own. Pure but for the two numbers it follows; a clock that steps back changes nothing.
 */
export class ZoneSpill {
  #byLatency = 1;
  #byHealth = 1;
  #seenMs: number | undefined = undefined;
  #limit: ZoneLimit = WHOLE;
  #why = "";

  /** In whole per cent, as shares of 1. */
  get limit(): ZoneLimit {
    return this.#limit;
  }

  /** Why it keeps less than it has room for, in words, as of the last change; "" while it keeps all. */
  get why(): string {
    return this.#why;
  }

  /**
   * Looks at how the zones do.
   *
   * @returns whether `limit` changed
   */
  observe(own: ZoneCondition, others: ZoneCondition, options: ZoneSpillOptions, nowMs: number): boolean {
    const elapsedMs = Math.min(LONGEST_STEP_MS, Math.max(0, nowMs - (this.#seenMs ?? nowMs)));
    this.#seenMs = nowMs;
    const weight = 1 - Math.exp(-elapsedMs / TAU_MS);
    const wanted = zoneLimit(own, others, options);
    this.#byLatency += (wanted.byLatency - this.#byLatency) * weight;
    this.#byHealth += (wanted.byHealth - this.#byHealth) * weight;
    const limit = { byLatency: wholePercent(this.#byLatency), byHealth: wholePercent(this.#byHealth) };
    if (limit.byLatency === this.#limit.byLatency && limit.byHealth === this.#limit.byHealth) return false;
    this.#limit = limit;
    this.#why = whyOf(limit, wanted, own, others);
    return true;
  }
}

const WHOLE: ZoneLimit = { byLatency: 1, byHealth: 1 };

function wholePercent(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}

function whyOf(limit: ZoneLimit, wanted: ZoneLimit, own: ZoneCondition, others: ZoneCondition): string {
  const reasons: string[] = [];
  if (limit.byLatency < 1) reasons.push(latencyText(wanted.byLatency < 1, timesSlower(own, others)));
  if (limit.byHealth < 1) {
    const fit = `${percent(own.healthyRatio)} of it is fit, of the others ${percent(others.healthyRatio)}`;
    reasons.push(wanted.byHealth < 1 ? fit : `it failed, and ${fit} now`);
  }
  return reasons.join(", and ");
}

function latencyText(still: boolean, times: number | undefined): string {
  if (times === undefined) return "its latency was too high";
  const text = `${times.toFixed(1)} x that of the others`;
  return still ? `its latency is ${text}` : `its latency was too high, and is ${text} now`;
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
