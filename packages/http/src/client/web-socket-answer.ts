import { ResponseHead } from "../head/response-head.ts";
import { webSocketAccept } from "./web-socket-key.ts";

const ACCEPT = "sec-websocket-accept";

/**
 * What the caller of an extended CONNECT gets for the answer to the Upgrade that it became here: the 200 that says yes
 * there is a 101 here (RFC 8441 5).
 *
 * @param head of the answer, of a status below 300
 * @param key what the Upgrade asked with
 * @returns a text: why it is no such answer
 */
export function webSocketAnswer(head: ResponseHead, key: string): ResponseHead | string {
  if (head.status !== 101) return "it is no 101, which an Upgrade was to be answered with";
  if (head.get(ACCEPT) !== webSocketAccept(key)) return "Sec-WebSocket-Accept is not that of the key (RFC 6455 4.1)";
  head.remove(ACCEPT);
  const { lines } = head;
  return new ResponseHead({ ...head, lines, list: undefined, status: 200, reason: "OK", upgrade: "" });
}
