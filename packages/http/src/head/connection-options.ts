import { TOKEN } from "./byte-tables.ts";
import { trimBlank } from "./field-lines.ts";

// What a Connection field says, as bits.
export const CLOSE = 1;
export const PERSIST = 2;
export const SWITCH = 4;
/** It names fields that are to be dropped with it: `nominated` lists them. */
export const NOMINATES = 8;
/** Not a list of tokens. */
export const MALFORMED = 16;
/** It names a field that is not its to drop. */
export const PROTECTED = 32;

/**
 * Fields that Connection must not take away (RFC 9110 7.6.1): who drops them on the way changes who the caller is, what
 * is asked for or where the message ends. Underscores count as dashes here.
 */
const PROTECTED_NAMES: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "content-type",
  "content-encoding",
  "expect",
  "authorization",
  "cookie",
  "set-cookie",
  "forwarded",
  "via",
  "client-cert",
  "client-cert-chain",
  "x-real-ip",
  "x-tier",
]);
const PROTECTED_PREFIXES = ["x-forwarded-", "x-user-", "x-consumer-", "x-auth-", "x-mesh-", "x-weft-"];

/** @param value of all Connection lines, joined by commas */
export function connectionBits(value: string): number {
  switch (value) {
    case "keep-alive":
    case "Keep-Alive":
      return PERSIST;
    case "close":
      return CLOSE;
    case "Upgrade":
    case "upgrade":
      return SWITCH;
    default:
      return options(value).reduce((bits, option) => bits | bitOf(option), 0);
  }
}

/** The names of fields that are to be dropped, in lower case. */
export function nominated(value: string): readonly string[] {
  return options(value).filter((option) => (bitOf(option) & NOMINATES) !== 0);
}

/** The members of a comma separated list in lower case; empty ones count for nothing (RFC 9110 5.6.1.2). */
export function options(list: string): readonly string[] {
  return list
    .split(",")
    .map((member) => trimBlank(member, 0, member.length).toLowerCase())
    .filter((member) => member !== "");
}

function bitOf(option: string): number {
  switch (option) {
    case "close":
      return CLOSE;
    case "keep-alive":
      return PERSIST;
    case "upgrade":
      return SWITCH;
    case "te":
    case "trailer":
    case "proxy-connection":
      return 0; // cut out of every head, named or not
    default:
      if (!isToken(option)) return MALFORMED;
      return isProtected(option.replaceAll("_", "-")) ? PROTECTED : NOMINATES;
  }
}

function isProtected(name: string): boolean {
  return PROTECTED_NAMES.has(name) || PROTECTED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!TOKEN[text.charCodeAt(i)]) return false;
  return true;
}
