import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { Endpoint } from "@weft/core";
import { onTestFinished } from "vitest";

/** What a server does with a request. */
export type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** A server of HTTP/2 that answers as it is told to. */
interface Http2Endpoint {
  readonly port: number;
  /** May be set anew. */
  answer: Answer;
  /** Connections that have come. */
  readonly sessions: number;
}

/** A server of HTTP/2 in cleartext, until the end of the test. */
export async function http2Endpoint(answer: Answer): Promise<Http2Endpoint> {
  const server = createServer();
  const open = new Set<ServerHttp2Session>();
  const seen = { sessions: 0 };
  server.on("session", (session) => {
    seen.sessions++;
    open.add(session);
    session.on("error", () => {}).once("close", () => open.delete(session));
  });
  const checked = {
    answer,
    get sessions() {
      return seen.sessions;
    },
    port: await listening(server),
  };
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", () => {}); // whoever asked has gone
    checked.answer(stream, headers);
  });
  onTestFinished(() => {
    for (const session of open) session.destroy();
    server.close();
  });
  return checked;
}

/** A server of bytes, until the end of the test. */
export async function tcpEndpoint(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    onSocket(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return await listening(server);
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server that listens on TCP has an address of this form.
  return (server.address() as AddressInfo).port;
}

/** Endpoints at these ports, `e1` and so on, as a registry has them. */
export function at(...ports: readonly number[]): readonly Endpoint[] {
  return ports.map((port, i) => ({
    id: `e${i + 1}`,
    host: "127.0.0.1",
    port,
    weight: 1,
    state: "passing",
    meta: {},
    tags: [],
  }));
}
