/** What bytes may stand where: one look into a table for each byte of a head. */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const PERCENT = 0x25;
export const COLON = 0x3a;
export const UNDERSCORE = 0x5f;

const DIGITS = "0123456789";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const UNRESERVED = `${LETTERS}${DIGITS}-._~`;
const SUB_DELIMS = "!$&'()*+,;=";

/** Token characters (RFC 9110 5.6.2) mapped to lower case, 0 for all others. */
export const TOKEN: Uint8Array = table(`${LETTERS}${DIGITS}!#$%&'*+-.^_\`|~`, (char) =>
  char.toLowerCase().charCodeAt(0),
);

/** TOKEN without the underscore, at which a scan of a field name stops to ask. */
export const NAME: Uint8Array = TOKEN.slice();
NAME[UNDERSCORE] = 0;

/** 1 for what a field value may hold (RFC 9110 5.5): tab, space, visible characters, and 0x80 to 0xff. */
export const VALUE: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === HTAB || (byte >= SPACE && byte !== 0x7f) ? 1 : 0,
);

/**
 * 1 for what a request target may hold, but for the percent sign, at which a scan stops to check what follows.
 *
 * Path and query of RFC 3986, and beyond it [ ] { } | ^ `, which browsers and fetch (WHATWG URL) send as they are in
 * queries and which nobody takes for anything else. Not \ " < >: some readers take \ for a slash.
 */
export const TARGET: Uint8Array = table(`${UNRESERVED}${SUB_DELIMS}:@/?[]{}|^\``, () => 1);

/** 1 for a character of a registered name (RFC 3986 3.2.2), but for the percent sign. */
export const REG_NAME: Uint8Array = table(`${UNRESERVED}${SUB_DELIMS}`, () => 1);

/** The value of a hex digit plus 1, 0 for all other bytes. */
export const HEX: Uint8Array = table("0123456789abcdefABCDEF", (char) => Number.parseInt(char, 16) + 1);

/** Whether the byte is one of 0 to 9. */
export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function table(chars: string, valueOf: (char: string) => number): Uint8Array {
  const bytes = new Uint8Array(256);
  for (const char of chars) bytes[char.charCodeAt(0)] = valueOf(char);
  return bytes;
}
