import type { Random } from "../../time/time.ts";

/** When checks are made. What may be changed while they run. */
export interface CheckSchedule {
  /** From the start of one check of an endpoint to the next, 10 % less or more, in ms, > 0. Default 2,000. */
  readonly intervalMs: number;
  /** A check that takes longer has failed, in ms, > 0. Default 1,000. */
  readonly timeoutMs: number;
}

export const SCHEDULE_DEFAULTS: CheckSchedule = { intervalMs: 2_000, timeoutMs: 1_000 };

/** Part of the interval by which it is shorter or longer, by chance: checkers that began together drift apart. */
const JITTER_RATIO = 0.1;

/**
 * Until the first check of an endpoint: anything up to the interval, so that those who learn of a hundred endpoints
 * at once, or a hundred who learn of one, do not all check in the same instant.
 */
export function firstCheckMs({ intervalMs }: CheckSchedule, random: Random): number {
  return intervalMs * random.unit();
}

/** From the start of a check to that of the next. */
export function nextCheckMs({ intervalMs }: CheckSchedule, random: Random): number {
  return intervalMs * (1 + JITTER_RATIO * (2 * random.unit() - 1));
}
