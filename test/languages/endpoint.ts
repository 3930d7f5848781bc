// An endpoint of orders, as a process of its own that can be killed. Argument: its name. It tells its port to whoever
// forked it, and answers "count" with what it has seen since the last time.
//
//   GET  /file?bytes=N   N bytes of a fixed pattern
//   POST /digest         how many bytes came, their SHA-256, and how they were framed
//   GET  /stall          nothing, ever
//   any other            what was asked, as JSON; with Upgrade: websocket, an echo
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pattern } from "./pattern.ts";
import { echoFrames, webSocketAccept } from "./websocket-echo.ts";

/** What it says to whoever forked it. */
export type Said =
  | { readonly kind: "listens"; readonly port: number }
  | { readonly kind: "count"; readonly seen: Seen };

export interface Seen {
  readonly requests: number;
  readonly connections: number;
}

const [name = "orders-1"] = process.argv.slice(2);
const say = (said: Said): void => void process.send?.(said);
let requests = 0;
let connections = 0;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://orders");
  response.setHeader("x-endpoint", name);
  if (url.pathname === "/stall") return;
  if (url.pathname === "/file") {
    const bytes = Number(url.searchParams.get("bytes"));
    response.setHeader("content-type", "application/octet-stream");
    return pipeline(Readable.from(pattern(bytes)), response);
  }
  if (url.pathname === "/digest") {
    const digest = createHash("sha256");
    let bytes = 0;
    for await (const chunk of request) {
      const part = chunk as Buffer; // no encoding is set, so a request's chunks are buffers
      digest.update(part);
      bytes += part.length;
    }
    const framing = request.headers["transfer-encoding"] ?? `length ${request.headers["content-length"]}`;
    response.end(`${bytes} ${digest.digest("hex")} ${framing}`);
    return;
  }
  request.resume();
  const { method, url: path, headers } = request;
  const { host, traceparent, via } = headers;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ endpoint: name, method, path, host, traceparent, via }));
}

const server = createServer((request, response) => {
  requests++;
  answer(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 60_000;
server.on("connection", () => void connections++);
server.on("upgrade", (request, socket, early: Buffer) => {
  socket.on("error", () => {});
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      `x-endpoint: ${name}\r\nSec-WebSocket-Accept: ${webSocketAccept(request.headers["sec-websocket-key"] ?? "")}\r\n\r\n`,
  );
  echoFrames(socket, early);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port to listen on");
  say({ kind: "listens", port: address.port });
});
process.on("message", () => {
  say({ kind: "count", seen: { requests, connections } });
  requests = connections = 0;
});
process.once("disconnect", () => process.exit());
