import { latin1 } from "../head/latin1.ts";
import { WHOLE_BYTES, type WholeBody } from "../wire/whole-body.ts";
import { writeTogether } from "../wire/write-together.ts";
import type { ClientConnection } from "./client-connection.ts";

/** Sends a request all of which is here: as one string, or, where its body is large, in two pieces that leave together. */
export function writeWhole(
  { socket, rested }: Pick<ClientConnection, "socket" | "rested">,
  head: string,
  body: WholeBody | undefined,
): void {
  if (body === undefined) return writeTogether(socket, head, rested);
  if (typeof body === "string") return writeTogether(socket, head + body, rested);
  if (head.length + body.length <= WHOLE_BYTES) {
    return writeTogether(socket, head + latin1(body, 0, body.length), rested);
  }
  socket.cork();
  writeTogether(socket, head, rested);
  socket.write(body);
  socket.uncork();
}
