import { hostOf } from "./service-name.ts";

/** The port of http, RFC 9110 4.2.1: also of an authority that ends with its colon. */
const HTTP_PORT = 80;

/**
 * Where an authority points: `host:port`.
 *
 * @param authority as the parser let it through: its port is at most 65535, and may have leading zeros
 * @returns "" for port 0, at which nobody can listen
 */
export function addressOf(authority: string): string {
  const host = hostOf(authority);
  const port = Number(authority.slice(host.length + 1) || HTTP_PORT);
  return port === 0 ? "" : `${host}:${port}`;
}
