import type { RequestHead } from "@weft/http";

/**
 * The head that goes to an endpoint: the caller's text with few lines changed. Hop-by-hop fields were left out when it
 * was parsed; Host stays the caller's, for it names the service.
 *
 * @param framing what `bodyLine` or `upgradeLines` gives
 * @param leftMs  until the deadline of the call; Infinity when there is none
 * @param via     our own `Via` line
 */
export function outgoingHead(
  head: RequestHead,
  framing: string,
  traceparent: string,
  leftMs: number,
  via: string,
): string {
  const deadline =
    leftMs === Number.POSITIVE_INFINITY ? "" : `x-request-deadline-ms: ${Math.max(1, Math.floor(leftMs))}\r\n`;
  return (
    `${head.method} ${head.target} HTTP/1.1\r\nHost: ${head.authority}\r\n${head.lines}` +
    `traceparent: ${traceparent}\r\n${deadline}${via}${framing}\r\n`
  );
}

/** The same for a request that asks for another protocol: the two hop-by-hop lines that this takes are ours. */
export function upgradeLines(upgrade: string): string {
  return `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`;
}

/** What frames a request's body. @param length of a body that is not chunked; negative: there is none */
export function bodyLine(length: number, chunked: boolean): string {
  if (chunked) return "Transfer-Encoding: chunked\r\n";
  return length >= 0 ? `Content-Length: ${length}\r\n` : "";
}
