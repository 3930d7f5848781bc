import { createHash, randomBytes } from "node:crypto";

/** Source: RFC 6455 1.3. */
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY_BYTES = 16;

/** A `Sec-WebSocket-Key`, another one each time (RFC 6455 4.1). */
export function webSocketKey(): string {
  return randomBytes(KEY_BYTES).toString("base64");
}

/** The `Sec-WebSocket-Accept` that answers a key: whoever sends it has read the request (RFC 6455 4.2.2). */
export function webSocketAccept(key: string): string {
  return createHash("sha1")
    .update(key + MAGIC)
    .digest("base64");
}
