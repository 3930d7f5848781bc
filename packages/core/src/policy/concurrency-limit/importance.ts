/** How much it matters that a call gets through, as its caller says. */
export type Importance = "critical" | "normal" | "low";

/** The most important first. */
export const IMPORTANCES: readonly Importance[] = ["critical", "normal", "low"];

/** Of a limit, what calls of each importance have for themselves: each 0 to 1, and 1 together at most. */
export type ImportanceShares = Readonly<Record<Importance, number>>;

/**
 * Of a limit, what stays free for those who have less than their share, so that they find room at once. By simulation: at
 * twice and five times what can be served, who needs 0.4 of a limit of 40 and has 0.7 of it loses 0.1 % of its calls. With
 * a tenth it loses 2 %, and the service serves no more.
 */
const KEPT_RATIO = 0.2;

/**
 * Whether a call may take room of a limit that is not reached, where each importance has a share of it.
 *
 * Below its share it may. Beyond, it borrows what others leave idle, up to the last fifth of the limit: that is kept for
 * as long as others may still claim it. What was borrowed flows back as its calls end. So under overload each has its
 * share, and those with a small one are refused first.
 *
 * Source: Netflix concurrency-limits, partitions, which go beyond the limit instead; reference 2.13.
 *
 * @param running calls under way, by importance
 */
export function mayTake(
  importance: Importance,
  shares: ImportanceShares,
  running: Readonly<Record<Importance, number>>,
  most: number,
): boolean {
  if (running[importance] < shares[importance] * most) return true;
  let all = 0;
  let claimed = 0;
  for (const one of IMPORTANCES) {
    all += running[one];
    if (one !== importance) claimed += Math.max(0, shares[one] * most - running[one]);
  }
  return all + 1 <= most - Math.min(claimed, most * KEPT_RATIO);
}
