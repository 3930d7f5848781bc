import type { CallerExchange, EndpointExchange, ResponseHead } from "@weft/http";

/** Hands an endpoint's answer on to the caller: its head, and its body or where that comes from. */
export function passOn(caller: CallerExchange, head: ResponseHead, { text, body }: EndpointExchange): void {
  const { status, reason } = head;
  if (text !== undefined) caller.respond(status, reason, head, text, lengthOf(caller, head, text));
  else if (body !== undefined) caller.stream(status, reason, head, body);
}

/** What Content-Length says: to HEAD and with 304 that of the body that does not come; 204 has none (RFC 9110 8.6). */
function lengthOf(caller: CallerExchange, { status, contentLength }: ResponseHead, text: string): number {
  const bodiless = text === "" && (contentLength > 0 || status === 304 || caller.head.method === "HEAD");
  return status === 204 ? -1 : bodiless ? contentLength : text.length;
}
