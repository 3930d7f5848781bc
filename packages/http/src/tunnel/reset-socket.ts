import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { sendHeld } from "../wire/write-together.ts";

/**
 * Closes a connection so that the peer sees a reset and does not take it for the end. Over TLS, where Node offers no
 * reset, the missing close_notify says so; of a stream of HTTP/2, the code that it is reset with.
 */
export function resetSocket(socket: Duplex): void {
  if (socket.destroyed) return;
  if (!(socket instanceof Socket)) return void socket.destroy();
  sendHeld(socket); // such as the whole answer to the request before the one that is cut
  // A unix socket knows no reset; only TCP has an address family.
  // While an end is on its way libuv refuses the reset, and Node then never tells of the close. It is on its way when all
  // that was written has left.
  const ending = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (socket instanceof TLSSocket || socket.remoteFamily === undefined || ending) socket.destroy();
  else socket.resetAndDestroy();
}
