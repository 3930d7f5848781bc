import type { MintedCookie, StickyCookie } from "@weft/config";
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
  return {
    value,
    line: setCookieLine(name, value, { ttlMs, path, secure: false, httpOnly: true, sameSite: undefined }),
  };
}

/** What a cookie is set with. */
export interface CookieAttributes extends Omit<StickyCookie, "name" | "sameSite"> {
  /** Undefined: nothing is said of it. */
  readonly sameSite: StickyCookie["sameSite"] | undefined;
}

/** A `Set-Cookie`. A caller counts in whole seconds: what is left of one is rounded up. Source: RFC 6265bis 4.1. */
export function setCookieLine(name: string, value: string, attributes: CookieAttributes): string {
  const { ttlMs, path, secure, httpOnly, sameSite } = attributes;
  const age = ttlMs === 0 ? "" : `; Max-Age=${Math.ceil(ttlMs / 1_000)}`;
  const site = sameSite === undefined ? "" : `; SameSite=${SITES[sameSite]}`;
  return `${name}=${value}${age}; Path=${path}${secure ? "; Secure" : ""}${httpOnly ? "; HttpOnly" : ""}${site}`;
}

const SITES: Readonly<Record<StickyCookie["sameSite"], string>> = { lax: "Lax", strict: "Strict", none: "None" };
