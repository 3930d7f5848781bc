/*
 * The proxy that one writes first: a node:http server, and a Pool of undici for each endpoint, taken in turn.
 *
 *   node node-http-proxy.ts LISTEN ENDPOINT...
 *
 * It does what a proxy has to: hop-by-hop fields are dropped both ways, bodies stream with backpressure, a caller that
 * leaves cuts the request upstream, one that cannot be answered gets 502.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { Pool } from "undici";

const HOP_BY_HOP = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

const [listen, ...endpoints] = process.argv.slice(2).map(Number);
const pools = endpoints.map((port) => new Pool(`http://127.0.0.1:${port}`, { connections: 1024 }));
let turn = 0;

// The limits of the other proxies: five idle minutes.
const server = createServer({ noDelay: true, keepAliveTimeout: 300_000 }, forward);
server.listen({ port: listen, host: "127.0.0.1", backlog: 4096 });

function forward(request: IncomingMessage, response: ServerResponse): void {
  turn = (turn + 1) % pools.length;
  const { url = "/", method = "GET", headers } = request;
  const hasBody = "content-length" in headers || "transfer-encoding" in headers;
  pools[turn]!.stream(
    { path: url, method, headers: endToEnd(headers), body: hasBody ? request : null },
    (answer) => response.writeHead(answer.statusCode, endToEnd(answer.headers)),
    (error) => {
      if (error === null) return;
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    },
  );
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const kept = { ...headers };
  for (const name of HOP_BY_HOP) delete kept[name];
  return kept;
}
