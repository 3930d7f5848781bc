import type { Importance, ImportanceShares } from "@weft/core";

/** What each importance has of a limit. Undefined, and all calls are alike, when none has a share. */
export function sharesOf(shareOf: (importance: Importance) => number): ImportanceShares | undefined {
  const shares = { critical: shareOf("critical"), normal: shareOf("normal"), low: shareOf("low") };
  return shares.critical + shares.normal + shares.low === 0 ? undefined : shares;
}

/** What is wrong with shares that are each in 0..1; undefined: nothing. */
export function whyNoShares(shares: ImportanceShares | undefined): string | undefined {
  if (shares === undefined) return undefined;
  const sum = shares.critical + shares.normal + shares.low;
  // As sums of decimals go: a half, 0.3 and 0.2 are 1.
  return sum > 1 + 1e-9 ? `are ${Number(sum.toFixed(6))} together, and a limit can be shared out once` : undefined;
}
