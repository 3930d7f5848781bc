import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

// Below the ports that systems hand out by themselves (Linux 32768, others 49152), so that nobody takes the port of an
// endpoint that refuses for a while, and no client connects to itself there.
const FIRST_PORT = 20_000;
const PORTS = 12_000;
const TRIES = 200;

let lastTried = Math.floor(Math.random() * PORTS);

/**
 * Listens on the port given, or on a free one of 20,000 to 31,999.
 *
 * @throws Error of the system when it cannot: EADDRINUSE, EACCES, EADDRNOTAVAIL
 */
export async function listen(
  host: string,
  port: number | undefined,
  onConnection: (socket: Socket) => void,
): Promise<{ readonly server: Server; readonly port: number }> {
  for (let tries = 1; ; tries++) {
    const candidate = port ?? FIRST_PORT + (lastTried = (lastTried + 1) % PORTS);
    const server = createServer({ noDelay: true }, onConnection);
    server.listen(candidate, host);
    try {
      await once(server, "listening");
      return { server, port: candidate };
    } catch (error) {
      const inUse = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      if (!inUse || port !== undefined || tries === TRIES) throw error;
    }
  }
}
