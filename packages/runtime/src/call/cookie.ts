import type { MintedCookie } from "@weft/config";
import type { Random } from "@weft/core";

/**
 * The value of a cookie in the lines of a request; "" when there is none, or an empty one. Quotes around it do not count.
 * Source: RFC 6265 4.2.
 */
export function cookieValue(lines: readonly string[], name: string): string {
  for (const line of lines) {
    for (const pair of line.split(";")) {
      const equals = pair.indexOf("=");
      if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
      const value = pair.slice(equals + 1).trim();
      return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
    }
  }
  return "";
}

/** A cookie for a caller that has none. Its value tells callers apart, and is no secret: whoever makes one up may. */
export function newCookie(
  name: string,
  { ttlMs, path }: MintedCookie,
  random: Random,
): { readonly value: string; readonly line: string } {
  const value = Array.from({ length: 4 }, () =>
    random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
  const age = ttlMs === 0 ? "" : `; Max-Age=${Math.ceil(ttlMs / 1_000)}`;
  return { value, line: `${name}=${value}${age}; Path=${path}; HttpOnly` };
}
