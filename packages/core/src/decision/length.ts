/** A length of time for people: `2.3 ms`, `89 ms`, `1.5 s`. */
export function lengthText(ms: number): string {
  if (ms >= 1_000) return `${tenths(ms / 1_000)} s`;
  return ms < 10 ? `${tenths(ms)} ms` : `${Math.round(ms)} ms`;
}

/** With one digit behind the point: `2.3`. A fifth of the cost of `toFixed`, of which spans need many. */
function tenths(value: number): string {
  const all = Math.round(value * 10);
  // Negative ones, and those that a number cannot hold to the last digit, are rare.
  if (!(all >= 0 && all < 1e9)) return value.toFixed(1);
  const rest = all % 10;
  return `${(all - rest) / 10}.${rest}`;
}

/** With two digits behind the point: `2.30`. */
export function hundredths(value: number): string {
  const all = Math.round(value * 100);
  if (!(all >= 0 && all < 1e9)) return value.toFixed(2);
  const rest = all % 100;
  return `${(all - rest) / 100}.${rest < 10 ? "0" : ""}${rest}`;
}
