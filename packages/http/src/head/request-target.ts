import { hasPort, isAuthority } from "./authority.ts";
import type { RefusalCode } from "./refusal.ts";
import type { RequestParts } from "./request-head.ts";

const SLASH = 0x2f;
const STAR = 0x2a;
const AT = 0x40;
const QUESTION_MARK = 0x3f;

/**
 * Takes a request target apart, by its form (RFC 9112 3.2), into `target`, `form`, `scheme` and, but for the origin form
 * and the asterisk, `authority`.
 *
 * @param head text that begins at offset `base` of the bytes
 * @param parts with the method set
 */
export function readTarget(
  bytes: Buffer,
  from: number,
  to: number,
  head: string,
  base: number,
  parts: RequestParts,
): RefusalCode | undefined {
  parts.scheme = "";
  if (parts.method === "CONNECT") return readConnectTarget(bytes, from, to, head, base, parts);
  if (bytes[from] === SLASH) {
    parts.form = "origin";
    parts.target = head.slice(from - base, to - base);
    return undefined;
  }
  if (bytes[from] === STAR && to - from === 1) {
    if (parts.method !== "OPTIONS") return "target-form";
    parts.form = "asterisk";
    parts.target = "*";
    return undefined;
  }
  return readAbsoluteTarget(bytes, from, to, head, base, parts);
}

function readConnectTarget(
  bytes: Buffer,
  from: number,
  to: number,
  head: string,
  base: number,
  parts: RequestParts,
): RefusalCode | undefined {
  if (bytes.subarray(from, to).includes(AT)) return "userinfo";
  if (!isAuthority(bytes, from, to)) return bytes.subarray(from, to).includes(SLASH) ? "target-form" : "authority";
  if (!hasPort(bytes, from, to)) return "connect-port";
  parts.form = "authority";
  parts.target = head.slice(from - base, to - base);
  parts.authority = parts.target;
  return undefined;
}

function readAbsoluteTarget(
  bytes: Buffer,
  from: number,
  to: number,
  head: string,
  base: number,
  parts: RequestParts,
): RefusalCode | undefined {
  const uri = head.slice(from - base, to - base);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return "target-form";
  if (scheme !== "http" && scheme !== "https") return "scheme";
  const hostFrom = from + scheme.length + "://".length;
  let hostTo = hostFrom;
  while (hostTo < to && bytes[hostTo] !== SLASH && bytes[hostTo] !== QUESTION_MARK) hostTo++;
  if (bytes.subarray(hostFrom, hostTo).includes(AT)) return "userinfo";
  if (!isAuthority(bytes, hostFrom, hostTo)) return "authority";

  parts.form = "absolute";
  parts.scheme = scheme;
  parts.authority = head.slice(hostFrom - base, hostTo - base);
  const rest = head.slice(hostTo - base, to - base);
  // RFC 9112 3.2.4: OPTIONS of a URI without path and query asks about the server as a whole.
  if (rest === "") parts.target = parts.method === "OPTIONS" ? "*" : "/";
  else parts.target = rest.startsWith("/") ? rest : `/${rest}`;
  return undefined;
}
