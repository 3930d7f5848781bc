import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type Endpoint, endpoint } from "@weft/core";
import { onTestFinished } from "vitest";

/** An endpoint that does with each connection what the test says: no HTTP but what the test writes. */
export interface RawEndpoint {
  readonly endpoint: Endpoint;
  /** Connections that are open. */
  readonly open: ReadonlySet<Socket>;
  /** The next connection that comes. */
  accepted(): Promise<Socket>;
  /** Ends every connection that is open. */
  closeAll(): void;
}

/** Listens on loopback as long as the test lasts. Half-closes and resets of the other side are no errors. */
export async function rawEndpoint(id: string, serve: (socket: Socket) => void): Promise<RawEndpoint> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    endpoint: endpoint({ id, host: "127.0.0.1", port: address.port }),
    open,
    accepted: async () => (await once(server, "connection"))[0] as Socket, // so says node:net of its event
    closeAll: () => {
      for (const socket of open) socket.destroy();
    },
  };
}

/** The same answer to whatever one read brings: for requests that come in one piece. */
export function answering(text = "ok"): (socket: Socket) => void {
  return (socket) => {
    socket.on("data", () => void socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`));
    socket.once("end", () => socket.end());
  };
}
