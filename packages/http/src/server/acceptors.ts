import { once } from "node:events";
import { type AddressInfo, createServer, isIP, type ListenOptions, type Server } from "node:net";

/** Where a listener accepts: a TCP address, or the path of a unix socket. */
export type ListenAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/**
 * How many sockets listen on one address. In a turn of the event loop Node takes one connection from each. Were there one
 * alone, each connection would have turns of its own, in which all of our code runs for it only, and cold: that costs a
 * third of a request whose caller closes behind it.
 */
const ACCEPTORS = 8;

/**
 * Begins to accept. On Linux, where another server can be made, several share a TCP port and the system spreads the
 * connections over them (SO_REUSEPORT), as HAProxy and Envoy do it.
 *
 * @param another makes a server like it; undefined: there is to be one only
 * @returns those that accept besides it
 * @throws  the system's error, EADDRINUSE, EACCES, ...; then none of them listens
 */
export async function accept(
  server: Server,
  address: ListenAddress,
  another: (() => Server) | undefined,
): Promise<readonly Server[]> {
  const others: Server[] = [];
  if (another === undefined || "path" in address || process.platform !== "linux") {
    await listening(server, address);
    return others;
  }
  try {
    // Whoever shares a port is not told that another program has it. One that does not share it is.
    if (address.port !== 0) await once((await listening(createServer(), address)).close(), "close");
    await listening(server, { ...address, reusePort: true });
    // It listens on TCP, so that it has an address and a port. Of a host's name all are to have the same address.
    const bound = server.address() as AddressInfo;
    const host = isIP(address.host) === 0 ? bound.address : address.host;
    while (others.length < ACCEPTORS - 1) {
      others.push(await listening(another(), { host, port: bound.port, reusePort: true }));
    }
    return others;
  } catch (error) {
    for (const each of [server, ...others]) each.close();
    throw error;
  }
}

/** `host:port` with the real port, or the path. */
export function boundTo(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === "string") return bound ?? "";
  return bound.family === "IPv6" ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`;
}

async function listening(server: Server, options: ListenOptions): Promise<Server> {
  server.listen(options);
  await once(server, "listening"); // or its error
  // Out of descriptors, for example: the connection is lost, the listener goes on.
  return server.on("error", () => {});
}
