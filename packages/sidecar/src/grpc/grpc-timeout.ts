/** A unit of `grpc-timeout`, and how long one is. Finest first. Source: gRPC over HTTP/2, "Timeout". */
const UNITS = [
  ["n", 1e-6],
  ["u", 1e-3],
  ["m", 1],
  ["S", 1_000],
  ["M", 60_000],
  ["H", 3_600_000],
] as const;

/** Eight digits, at most. */
const MOST = 99_999_999;

/** How long a `grpc-timeout` is, in ms; Infinity when it does not follow the rules, or is "". */
export function grpcTimeoutMs(value: string): number {
  const [, count = "", unit] = /^(\d{1,8})([HMSmun])$/.exec(value) ?? [];
  const found = UNITS.find(([letter]) => letter === unit);
  return found === undefined ? Number.POSITIVE_INFINITY : Number(count) * found[1];
}

/** So many ms in the finest unit that eight digits can say it in, rounded down, and never 0. */
export function grpcTimeoutOf(ms: number): string {
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(ms / unitMs);
    if (count <= MOST) return `${Math.max(1, count)}${unit}`;
  }
  return `${MOST}H`;
}
