/** When the own zone gives calls away that it has room for, because it does badly and the others do not. */
export interface ZoneSpillOptions {
  /** So many times the latency of the other zones, >= 0. Default 3 (reference 2.11). 0: never. */
  readonly latencyFactor: number;
  /** Part of the zone that is fit, where all of the others is, in [0, 1]. Default 0.6 (reference 2.11). 0: never. */
  readonly healthyRatio: number;
}

export const ZONE_SPILL_DEFAULTS: ZoneSpillOptions = { latencyFactor: 3, healthyRatio: 0.6 };

/** How a zone is doing, or several together. */
export interface ZoneCondition {
  /** What an answer takes there, in ms; undefined: too few have come lately to say. */
  readonly latencyMs: number | undefined;
  /** Part of its weight that takes traffic, times the share of attempts that do not fail there, in [0, 1]. */
  readonly healthyRatio: number;
}

/** How much of its calls a zone is to keep: each in [0.1, 1]. */
export interface ZoneLimit {
  /** Of those that it has room for. */
  readonly byLatency: number;
  /** At most. */
  readonly byHealth: number;
}

/** So much longer its answers must take at least, in ms: three times nothing is nothing. */
const LEAST_LONGER_MS = 5;
/** A zone keeps so much however it does: else nobody would see that it is well again. */
const LEAST_KEPT = 0.1;
/** Below the resolution of the clock; keeps the quotient finite. */
const LEAST_MS = 0.1;

/**
 * How much of its calls the own zone keeps, by how it does beside the others.
 *
 *   byLatency = factor / (own latency / that of the others)             1 up to the factor
 *   byHealth  = (1 - what the others are healthier by) / healthyRatio   1 from the ratio on
 *
 * In proportion, and not all or nothing: what is given away slows the others down and relieves the own zone, so that
 * callers come to rest where both bear it. Nothing is given away when all zones are equally bad: it would not help.
 *
 * Source: reference 2.11; weft's own in detail.
 */
export function zoneLimit(own: ZoneCondition, others: ZoneCondition, options: ZoneSpillOptions): ZoneLimit {
  return { byLatency: byLatency(own, others, options), byHealth: byHealth(own, others, options) };
}

/** Times the latency of the others, in words for people; undefined: one of them is not known. */
export function timesSlower(
  { latencyMs: own }: ZoneCondition,
  { latencyMs: others }: ZoneCondition,
): number | undefined {
  return own === undefined || others === undefined ? undefined : own / Math.max(others, LEAST_MS);
}

/**
 * The shares of zones when the own one keeps no more than that; the others get the rest in proportion of their capacity.
 *
 * @param shares the own zone's first; their sum is 1
 * @param capacities of the same zones
 * @returns as they are when the others have no capacity
 */
export function limitedShares(
  shares: readonly number[],
  { byLatency, byHealth }: ZoneLimit,
  capacities: readonly number[],
): readonly number[] {
  const [own = 0] = shares;
  const kept = Math.min(own, byHealth) * byLatency;
  const sum = capacities.slice(1).reduce((all, one) => all + one, 0);
  if (sum === 0 || kept === own) return shares;
  return shares.map((share, i) => (i === 0 ? kept : share + (own - kept) * (capacities[i]! / sum)));
}

function byLatency(own: ZoneCondition, others: ZoneCondition, { latencyFactor }: ZoneSpillOptions): number {
  const times = timesSlower(own, others) ?? 0;
  if (latencyFactor === 0 || times <= latencyFactor) return 1;
  const longerMs = (own.latencyMs ?? 0) - (others.latencyMs ?? 0);
  return longerMs < LEAST_LONGER_MS ? 1 : Math.max(LEAST_KEPT, latencyFactor / times);
}

function byHealth(own: ZoneCondition, others: ZoneCondition, { healthyRatio }: ZoneSpillOptions): number {
  if (healthyRatio === 0) return 1;
  const missing = Math.max(0, others.healthyRatio - own.healthyRatio);
  return Math.min(1, Math.max(LEAST_KEPT, (1 - missing) / healthyRatio));
}
