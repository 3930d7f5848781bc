import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type Endpoint, endpoint } from "@weft/core";

/** An endpoint that answers every request with 101, or 200 for CONNECT, and from then on sends back what it gets. */
export async function echoEndpoint(
  status: 101 | 200 = 101,
): Promise<AsyncDisposable & { readonly endpoint: Endpoint }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {}); // a client that resets is part of the game
    socket.once("close", () => open.delete(socket));
    socket.once("data", () => {
      socket.write(status === 200 ? CONNECTED : UPGRADED);
      socket.pipe(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    endpoint: endpoint({ id: "echo", host: "127.0.0.1", port: address.port }),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const UPGRADED = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
const CONNECTED = "HTTP/1.1 200 OK\r\n\r\n";
