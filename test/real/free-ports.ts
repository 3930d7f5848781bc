import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/**
 * Ports on loopback that nobody listened on just now.
 *
 * All are held open until the last is known, so they differ. Another process may still take one before its user does.
 *
 * @param count 1 or more
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    // A server that listens on a host and a port has an AddressInfo, never a pipe's name.
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return ports;
}
