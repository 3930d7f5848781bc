/** A latency for people: three digits, for what is beyond is chance. */
export function msText(ms: number | undefined): string {
  if (ms === undefined) return "-";
  return ms >= 100 ? Number(ms.toPrecision(3)).toLocaleString("en") : ms.toPrecision(3);
}

/** A share in [0, 1] for people. */
export function percentText(share: number | undefined, digits = 3): string {
  if (share === undefined) return "-";
  return `${(share * 100).toFixed(digits)} %`;
}
