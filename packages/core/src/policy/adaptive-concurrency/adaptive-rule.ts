/**
 * Learns from answer times how many calls a service takes at once without making them wait.
 *
 * It is told of each call that has ended, and says the limit that follows. It holds no clock and no timer.
 */
export interface AdaptiveRule {
  /** As in a policy file: `gradient2`. */
  readonly kind: string;
  /** Calls at once, >= 1. Not rounded: what is let in is the whole part. */
  readonly limit: number;
  /**
   * An answer came.
   *
   * @param tookMs until its head, > 0
   * @param running calls at once when it came, itself counted
   */
  answered(tookMs: number, running: number): void;
  /** A call was refused for overload, or nobody answered it in time. @param running as above */
  dropped(running: number): void;
}

/**
 * Whether so few calls run that the limit was not what held them back: then their answer times say nothing about a
 * higher one, and it stays. Without that a quiet service would learn a limit without bound.
 */
export function isAppLimited(running: number, limit: number): boolean {
  return running < limit / 2;
}
