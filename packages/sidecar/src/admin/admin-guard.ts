import { isIP } from "node:net";
import type { IncomingMessage } from "node:http";
import { Problem } from "./reply.ts";

/**
 * Keeps web pages out. A browser on this machine reaches a loopback address like everybody here, and does what a page
 * from anywhere tells it to; it gives itself away by `Host`, when a name of the page's own was made to point here (DNS
 * rebinding), and by `Origin`, which it sends with each POST.
 *
 * @param anyHost whether names are taken in `Host`: behind an address that other machines reach, one may be meant
 * @throws Problem 400, 421 or 403 that says what was wrong
 */
export function keepPagesOut({ method, headers, headersDistinct }: IncomingMessage, anyHost: boolean): void {
  const { host, origin } = headers;
  if (headersDistinct["host"] !== undefined && headersDistinct["host"].length > 1)
    throw new Problem(400, "Host is given twice");
  if (!anyHost && host !== undefined && !isPlainHost(host))
    throw new Problem(421, `this is no "${host.slice(0, 100)}": call it by its IP address, or localhost`);
  if (method === "GET" || method === "HEAD" || origin === undefined) return;
  const from = /^https?:\/\/([^/]*)$/i.exec(origin)?.[1]?.toLowerCase();
  if (from === undefined || from !== host?.toLowerCase() || !isPlainHost(from))
    throw new Problem(403, "a page of another origin may not do this");
}

/** An IP address or localhost, with a port or without: names that nobody can make point elsewhere. */
function isPlainHost(host: string): boolean {
  const name = host.replace(/:\d{0,5}$/, "").toLowerCase();
  if (name === "" || name === "localhost") return true;
  return name.startsWith("[") ? name.endsWith("]") && isIP(name.slice(1, -1)) === 6 : isIP(name) === 4;
}
