import { hasPort, isAuthority } from "../head/authority.ts";
import { HEX, PERCENT, TARGET, TOKEN, UNDERSCORE, VALUE } from "../head/byte-tables.ts";
import { isBlank } from "../head/field-lines.ts";
import { writeLatin1 } from "../head/latin1.ts";
import { behindValue, memoryWords } from "../head/value-scan.ts";
import type { MalformedCode } from "./head-problem.ts";

const SLASH = 0x2f;
const AT = "@";

/** As long as HTTP/1.1 takes a request line here. */
export const MAX_PATH_BYTES: number = 8 * 1024;
const pathBytes = Buffer.allocUnsafeSlow(MAX_PATH_BYTES);

const memory = memoryWords();

/** What a field name is: in order, in order but for an underscore, or not a lower-case token (RFC 9113 8.2.1). */
export type NameKind = "name" | "underscore" | "malformed";

/** Colons are not for the names asked about here. Text is latin1. */
export function nameKind(name: string): NameKind {
  let underscore = false;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (TOKEN[code] !== code || code === 0) return "malformed"; // upper case, or no token
    if (code === UNDERSCORE) underscore = true;
  }
  if (name === "") return "malformed";
  return underscore ? "underscore" : "name";
}

/** What is wrong with the value of a field (RFC 9113 8.2.1); an empty one is right. */
export function valueProblem(value: string): MalformedCode | undefined {
  const { length } = value;
  if (length === 0) return undefined;
  for (let i = 0; i < length; i++) if (VALUE[value.charCodeAt(i)] === 0) return "field-value";
  return isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(length - 1)) ? "blank-around-value" : undefined;
}

/** The same of a value that stands in bytes, which is faster. */
export function valueProblemIn(bytes: Buffer, from: number, to: number): MalformedCode | undefined {
  if (from === to) return undefined;
  if (behindValue(bytes, memory.of(bytes), bytes.byteOffset, from, to) !== to) return "field-value";
  return isBlank(bytes[from]!) || isBlank(bytes[to - 1]!) ? "blank-around-value" : undefined;
}

/** Whether it is a token (RFC 9110 5.6.2), as methods and protocols are. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!TOKEN[text.charCodeAt(i)]) return false;
  return text !== "";
}

/** What is wrong with an authority, or with a Host field (RFC 9113 8.3.1): it may not be empty here. */
export function authorityProblem(authority: string): MalformedCode | undefined {
  if (authority.includes(AT)) return "userinfo";
  const bytes = Buffer.from(authority, "latin1");
  return isAuthority(bytes, 0, bytes.length) ? undefined : "authority";
}

/** Whether an authority names its port. */
export function namesPort(authority: string): boolean {
  return hasPort(Buffer.from(authority, "latin1"), 0, authority.length);
}

/**
 * What is wrong with a path that is none of "*": it is read as the request target of HTTP/1.1 is, in origin form. In
 * bytes: each look at a character of a text asks first how the text is kept.
 *
 * @param path of at most MAX_PATH_BYTES
 */
export function pathProblem(path: string): MalformedCode | undefined {
  const { length } = path;
  writeLatin1(path, pathBytes, 0);
  if (length === 0 || pathBytes[0] !== SLASH) return "path";
  for (let i = 1; i < length; i++) {
    const byte = pathBytes[i]!;
    if (TARGET[byte] !== 0) continue;
    if (byte !== PERCENT) return "path";
    if (i + 2 >= length || !HEX[pathBytes[i + 1]!] || !HEX[pathBytes[i + 2]!]) return "percent-encoding";
    i += 2;
  }
  return undefined;
}

/** A length in digits alone, as HTTP/1.1 is read here: no sign, no leading zero. @returns -1 when it is not one */
export function lengthOf(digits: string): number {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(digits)) return -1;
  const length = Number(digits);
  return length <= Number.MAX_SAFE_INTEGER ? length : -1;
}
