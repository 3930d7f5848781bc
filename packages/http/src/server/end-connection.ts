import { endTogether } from "../wire/write-together.ts";
import type { ServerConnection } from "./server-connection.ts";

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

function beginEnd(connection: ServerConnection): void {
  connection.phase = "lingering";
  connection.pace.sinceMs = connection.pace.heardMs = connection.owner.nowMs();
  connection.incoming.release();
}
