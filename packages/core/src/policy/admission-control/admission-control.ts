import type { Random } from "../../time/time.ts";
import { OutcomeWindow } from "../outcome-window.ts";

export interface AdmissionOptions {
  /** Share of calls that has to succeed for all to be let in, in (0, 1]. Default 0.95. */
  readonly successRatio: number;
  /** How fast refusals rise as fewer succeed, > 0; 1: in proportion, higher: earlier. Default 1. */
  readonly aggression: number;
  /** Of calls, at most so many are refused, in [0, 1]: the rest finds out whether it got better. Default 0.8. */
  readonly maxRefusedRatio: number;
  /** Below so many calls a second nothing is refused, >= 0. Default 10. */
  readonly minPerSecond: number;
  /** How long a call counts, in ms, > 0. Default 30,000. */
  readonly windowMs: number;
}

/** Source: Envoy admission_control.proto; `minPerSecond` is weft's own (Envoy: 0); reference 2.14. */
export const ADMISSION_DEFAULTS: AdmissionOptions = {
  successRatio: 0.95,
  aggression: 1,
  maxRefusedRatio: 0.8,
  minPerSecond: 10,
  windowMs: 30_000,
};

/**
 * The share of calls to refuse:
 *
 *   min(maxRefusedRatio, max(0, (calls - successes / successRatio) / (calls + 1)) ^ (1 / aggression))
 */
export function refusedRatio(calls: number, successes: number, options: AdmissionOptions = ADMISSION_DEFAULTS): number {
  const { successRatio, aggression, maxRefusedRatio } = options;
  const excess = Math.max(0, (calls - successes / successRatio) / (calls + 1));
  return Math.min(maxRefusedRatio, excess ** (1 / aggression));
}

/**
 * Refuses a share of the calls to a service that is overloaded, before they are sent: it then has room to answer the
 * rest. Only what says overload counts as failed.
 */
export interface AdmissionControl {
  /** Whether a call may go. Counts nothing. */
  admits(nowMs: number, random: Random): boolean;
  /** The share that is refused now, in [0, 1]. */
  refusedRatio(nowMs: number): number;
  /** A call that was let in has ended. */
  record(overloaded: boolean, nowMs: number): void;
}

export function admissionControl(options: AdmissionOptions = ADMISSION_DEFAULTS): AdmissionControl {
  const { windowMs, minPerSecond } = options;
  const window = new OutcomeWindow(windowMs);
  const atLeast = (minPerSecond * windowMs) / 1_000;

  function ratio(nowMs: number): number {
    window.turnTo(nowMs);
    if (window.failures === 0 || window.calls < atLeast) return 0;
    return refusedRatio(window.calls, window.calls - window.failures, options);
  }

  return {
    admits(nowMs, random) {
      const refused = ratio(nowMs);
      return refused === 0 || random.unit() >= refused;
    },
    refusedRatio: ratio,
    record: (overloaded, nowMs) => window.record(overloaded, nowMs),
  };
}
