import type { ResponseHead } from "./response-head.ts";

/** How the end of a body is known. */
export type Framing = "none" | "length" | "chunked" | "close";

/**
 * What body a response has, in the order of RFC 9112 6.3.
 *
 * @param method of the request that is answered, as sent
 * @returns "none": no byte follows, whatever the fields announce (HEAD, 1xx, 204, 304, 2xx to CONNECT); "length":
 * `head.contentLength` bytes, which may be 0; "close": all until the connection ends
 */
export function responseFraming(method: string, head: ResponseHead): Framing {
  const { status } = head;
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return "none";
  if (method === "CONNECT" && status < 300) return "none";
  if (head.chunked) return "chunked";
  return head.contentLength >= 0 ? "length" : "close";
}
