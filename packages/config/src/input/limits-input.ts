import type { Duration } from "./units.ts";

/** What may go on at once; each from 1. */
export interface LimitsInput {
  /** Connections to the service. Default 1,024. */
  readonly connections?: number;
  /** Calls that wait for a connection. Default 1,024. Not used by the SDK yet. */
  readonly pending?: number;
  /** Calls to the service. Default 1,024. */
  readonly calls?: number;
  /** Attempts that one endpoint takes. Default 256. */
  readonly callsPerEndpoint?: number;
  /** Learns from answer times how many calls may go at once, up to `calls`. Default `off`. */
  readonly adaptive?: AdaptiveKind;
  /**
   * The same for the attempts at each endpoint, up to `callsPerEndpoint`. One that is full is passed over; a call is
   * refused when all are. Default `off`.
   */
  readonly adaptivePerEndpoint?: AdaptiveKind;
  /** What calls of each importance have of `calls` for themselves. Absent: all calls are alike. */
  readonly shares?: SharesInput;
}

/**
 * Shares of a limit, 0..1 and 1 together at most, by what calls say in `x-priority`: `critical`, `low`, and all others.
 * What one leaves idle another may borrow, but for a fifth of the limit. Absent: 0, such calls have what others leave.
 */
export interface SharesInput {
  readonly critical?: number;
  readonly normal?: number;
  readonly low?: number;
}

/** What may go on at once of the calls that match a rule, beside the limits of the service. */
export interface RuleLimitsInput {
  /** Calls that match the rule, from 1. Absent: as many as of the service. */
  readonly calls?: number;
  /** Learns from the answer times of these calls alone, up to `calls`. Absent: as the service does. */
  readonly adaptive?: AdaptiveKind;
}

/** How a limit learns; `auto`: as `gradient2` does; `off`: it does not. */
export type AdaptiveKind = "auto" | "gradient2" | "vegas" | "gradient" | "off";
/** Every word for it. */
export const ADAPTIVE_RULES: readonly AdaptiveKind[] = ["auto", "gradient2", "vegas", "gradient", "off"];

/** Calls beyond so many a second are refused. */
export interface RateLimitInput {
  /** In the long run. Default 1,000. */
  readonly perSecond?: number;
  /** After a quiet time. Default: as many as in a second, and one at least. */
  readonly burst?: number;
}

/** A share of the calls is refused while too many fail for overload. */
export interface AdmissionInput {
  /** Share of the calls that has to succeed for all to be sent. Default 0.95. */
  readonly successRatio?: number;
  /** How fast refusals rise as fewer succeed; 1: in proportion. Default 1. */
  readonly aggression?: number;
  /** Share of the calls that is refused at most. Default 0.8. */
  readonly maxRefusedRatio?: number;
  /** Below so many calls a second nothing is refused. Default 10. */
  readonly minPerSecond?: number;
  /** How far back calls count. Default `30s`. */
  readonly window?: Duration;
}
