// Support for the examples, and nothing to copy: endpoints of an orders service on loopback.
import { once } from "node:events";
import { createServer } from "node:http";

/** An endpoint of orders. Ends with `await using`, or with `close`. */
export interface OrdersEndpoint extends AsyncDisposable {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  /** While true it answers 503 to everything. */
  outOfOrder: boolean;
  /** Stops listening and ends its connections. A second time it does nothing. */
  close(): Promise<void>;
}

/**
 * Starts an endpoint on a free port of 127.0.0.1 that answers `{ from, method, path }`.
 *
 * @param id `from` in its answers
 * @throws the system's error when it cannot listen
 */
export async function ordersEndpoint(id: string): Promise<OrdersEndpoint> {
  const server = createServer((request, response) => {
    response.statusCode = endpoint.outOfOrder ? 503 : 200;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ from: id, method: request.method, path: request.url }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("orders listens on no TCP port");

  const endpoint: OrdersEndpoint = {
    id,
    host: address.address,
    port: address.port,
    outOfOrder: false,
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
    [Symbol.asyncDispose]: () => endpoint.close(),
  };
  return endpoint;
}
