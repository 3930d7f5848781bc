import type { Socket } from "node:net";

/**
 * Whether the end that a TCP socket told of was a reset, by which what came before it may be cut short.
 *
 * Node 22 tells of a reset as of an end where some of what had come was still to be read. But the system knows no peer of
 * such a socket any more. Of one whose own side has ended that is so behind any end, and nobody can tell.
 */
export function endedByReset(socket: Socket): boolean {
  return socket.writable && socket.remoteAddress === undefined;
}
