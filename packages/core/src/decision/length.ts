/** A length of time for people: `2.3 ms`, `89 ms`, `1.5 s`. */
export function lengthText(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toFixed(1)} s` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}
