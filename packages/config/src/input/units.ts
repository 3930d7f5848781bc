/** A length of time as written: a number and `ms`, `s`, `m` or `h`. A bare number is a compile error. */
export type Duration = `${number}${"ms" | "s" | "m" | "h"}`;

/** A number of bytes as written: `64KiB`, `1MiB`, or `512B`. 1 KiB is 1,024 bytes. */
export type Size = `${number}${"B" | "KiB" | "MiB" | "GiB"}`;

/** `host:port`; an IPv6 host stands in brackets. */
export type Address = `${string}:${number}` | `[${string}]:${number}`;

/** Where to listen: an address, with port 0 for any free one, or `unix:` and the path of a socket. */
export type ListenAddress = Address | `unix:${string}`;

/** Where a secret is read from. The secret itself never stands in a policy. */
export type Secret = { readonly env: string } | { readonly file: string };

/** The form of a duration; how long it may be is asked apart. */
export const DURATION_PATTERN: RegExp = /^\d{1,12}(\.\d{1,3})?(ms|s|m|h)$/;
/** The form of a size. */
export const SIZE_PATTERN: RegExp = /^\d{1,12}(B|KiB|MiB|GiB)$/;
/** The form of an address; whether the port exists is asked apart. */
export const ADDRESS_PATTERN: RegExp =
  /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?):[0-9]{1,5}$/;
/** The form of `unix:` and the path of a socket. Longer paths do not fit into a socket's address: sys/un.h. A path that starts with a digit would look like a host of that name and its port. */
export const UNIX_PATTERN: RegExp = /^unix:[^\0\d][^\0]{0,106}$/;

/** ms of one of each unit. */
export const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** Bytes of one of each unit. */
export const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3 };

/** A duration as a number. @returns ms, with up to three decimals; NaN when `text` is no duration */
export function durationMs(text: string): number {
  if (!DURATION_PATTERN.test(text)) return Number.NaN;
  const unit = /[a-z]+$/.exec(text)?.[0] ?? "";
  return Number(text.slice(0, -unit.length)) * (DURATION_UNITS[unit] ?? Number.NaN);
}

/** A whole number of ms as it would be written. */
export function durationText(value: number): Duration {
  if (value % 60_000 === 0 && value > 0) return `${value / 60_000}m`;
  return value % 1_000 === 0 ? `${value / 1_000}s` : `${value}ms`;
}

/** A size as a number. @returns bytes; NaN when `text` is no size */
export function sizeBytes(text: string): number {
  if (!SIZE_PATTERN.test(text)) return Number.NaN;
  const unit = /[A-Za-z]+$/.exec(text)?.[0] ?? "";
  return Number(text.slice(0, -unit.length)) * (SIZE_UNITS[unit] ?? Number.NaN);
}
