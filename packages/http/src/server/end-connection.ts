import { endTogether } from "../wire/write-together.ts";
import type { ServerConnection } from "./server-connection.ts";
import type { ServerExchange } from "./server-exchange.ts";

/** Closes it as soon as what was written has left. */
export function endSoon(connection: ServerConnection): void {
  beginEnd(connection);
  endTogether(connection.socket);
}

/**
 * Our side is closed; what still comes is read away, or the reset that answers it would overtake the answer. Where the
 * caller has sent its FIN already, that ends the socket.
 */
export function linger(connection: ServerConnection): void {
  beginEnd(connection);
  connection.socket.end();
  connection.incoming.read(true);
}

/** The last answer has been handed to the socket. */
export function endBehind(connection: ServerConnection, { body, head }: ServerExchange): void {
  if (body === undefined || body.complete) {
    // Who announced its last request sends nothing more.
    if (!head.keepAlive && connection.incoming.held === undefined) return endSoon(connection);
  } else body.broke(new Error("the request was answered before its body had been read"));
  linger(connection);
}

function beginEnd(connection: ServerConnection): void {
  connection.phase = "lingering";
  connection.pace.sinceMs = connection.pace.heardMs = connection.owner.nowMs();
  connection.incoming.release();
}
