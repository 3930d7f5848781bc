import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import { RequestHead } from "../head/request-head.ts";

/** Of an upgrade that a stream can carry. Source: RFC 8441 5. */
const WEB_SOCKET = /^websocket$/i;

/**
 * A request as HTTP/2 has it: the Upgrade of a WebSocket becomes an extended CONNECT, whose body is what comes after the
 * switch. What asks for any other protocol goes as if it did not, and so does all else.
 */
export function forHttp2(request: OutgoingRequest): OutgoingRequest {
  const { head, upgrades, body } = request;
  if (!upgrades || !WEB_SOCKET.test(head.upgrade) || body === undefined) return request;
  const fields = head.asList();
  const list = fields.without("sec-websocket-key"); // of HTTP/1.1 alone
  const asked = { ...head, lines: "", list, method: "CONNECT", protocol: "websocket", upgrade: "", contentLength: -1 };
  return { ...request, head: new RequestHead(asked) };
}
