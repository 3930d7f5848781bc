import type { Counts } from "./counts.ts";

/** How sure the test is: 2.5 standard deviations, so that chance alone says so 6 times in 1,000 at either end. */
const Z = 2.5;

/**
 * So many failures are needed. Beside others with thousands of attempts the test alone would have an endpoint that is new
 * out by its first failure: the lower bound of one in one is 0.14.
 */
const FEWEST_FAILURES = 3;

/** Windows that are looked at, and by how much an endpoint must be worse than the others in each. Source: reference 2.9. */
export const RELATIVE_WINDOWS: readonly { readonly windowMs: number; readonly margin: number }[] = [
  { windowMs: 10_000, margin: 0.1 },
  { windowMs: 60_000, margin: 0.05 },
  { windowMs: 300_000, margin: 0.02 },
];

/**
 * Whether an endpoint fails more than the others do, beyond what chance explains:
 *
 *   wilsonLower(host) > wilsonUpper(others) + margin
 *
 * It needs no number of attempts, for few attempts make wide bounds; works from two endpoints; and keeps
 * everybody when all fail alike, for then it is what they depend on that fails. Source: Wilson's score interval;
 * reference 2.9 item 3.
 */
export function isWorse(host: Counts, others: Counts, margin: number): boolean {
  if (host.failures < FEWEST_FAILURES) return false;
  return wilsonBound(host, -Z) > wilsonBound(others, Z) + margin;
}

/**
 * The bound of Wilson's interval for the share of failures: the lower one with a negative `z`, else the upper one.
 *
 * @returns in [0, 1]; 0 or 1 where nothing is known
 */
export function wilsonBound({ failures, attempts }: Counts, z: number): number {
  if (attempts === 0) return z < 0 ? 0 : 1;
  const square = z * z;
  const middle = failures + square / 2;
  const spread = z * Math.sqrt((failures * (attempts - failures)) / attempts + square / 4);
  return Math.min(1, Math.max(0, (middle + spread) / (attempts + square)));
}
