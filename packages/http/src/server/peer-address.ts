import type { Socket } from "node:net";

/** The other side's `address:port`, of IPv6 with brackets; ":0" for a unix socket, whose other side has none. */
export function peerAddress({ remoteAddress = "", remotePort = 0 }: Socket): string {
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
