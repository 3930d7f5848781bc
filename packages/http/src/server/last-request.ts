import type { RequestHead } from "../head/request-head.ts";
import type { ServerLimits } from "./server-limits.ts";

/**
 * Whether the connection ends with the answer to this request, whatever the answer is.
 *
 * Behind a CONNECT that is refused may lie bytes that were meant for the tunnel, and whose they are nobody knows: they are
 * no request.
 *
 * @param requests of the connection so far, this one among them
 */
export function isLastRequest(head: RequestHead, requests: number, { maxRequests }: ServerLimits): boolean {
  return !head.keepAlive || head.method === "CONNECT" || (maxRequests > 0 && requests >= maxRequests);
}
