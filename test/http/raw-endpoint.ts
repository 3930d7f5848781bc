import { createServer, type Socket } from "node:net";
import { createServer as createSecureServer, type TlsOptions } from "node:tls";
import { type Endpoint, endpoint } from "@weft/core";
import { onTestFinished } from "vitest";
import { changes } from "./changes.ts";
import { type RawCaller, rawCaller } from "./raw-caller.ts";

/** An endpoint that does nothing by itself: the test sees and sends the bytes of each connection. */
export interface RawEndpoint {
  readonly endpoint: Endpoint;
  /** Those that came so far, in their order. */
  readonly connections: readonly RawCaller[];
  /** Resolves with connection number `index`, the first being 0, once it is there. */
  connection(index: number): Promise<RawCaller>;
  /** Accepts no more. */
  stop(): Promise<void>;
}

/** Listens on loopback as long as the test lasts. */
export async function rawEndpoint(tls?: TlsOptions): Promise<RawEndpoint> {
  const connections: RawCaller[] = [];
  const changed = changes();
  function accept(socket: Socket): void {
    connections.push(rawCaller("", { socket: socket.setNoDelay(true) }));
    changed.tell();
  }
  const server =
    tls === undefined
      ? createServer({ allowHalfOpen: true }, accept)
      : createSecureServer({ ...tls, allowHalfOpen: true }, accept);
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not a TCP address");
  async function stop(): Promise<void> {
    if (!server.listening) return;
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    for (const { socket } of connections) socket.destroy();
    await closed.promise;
  }
  onTestFinished(stop);
  return {
    endpoint: endpoint({ host: "127.0.0.1", port: address.port }),
    connections,
    async connection(index) {
      await changed.until(() => connections.length > index);
      return connections[index]!; // just waited for
    },
    stop,
  };
}
