import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type ReadMessage, readOtlp, type ReadSpan } from "./read-otlp.ts";

/** A collector on a loopback port that keeps what it is sent. */
export interface FakeCollector extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly messages: readonly ReadMessage[];
  readonly requests: readonly IncomingMessage[];
  /** Of all messages it accepted. */
  readonly spans: readonly ReadSpan[];
  /** Resolves when it has so many spans. */
  has(spans: number): Promise<readonly ReadSpan[]>;
  /** Resolves when so many messages have come, accepted or not. */
  asked(messages: number): Promise<void>;
  /** From now on each message is answered so. Absent: accepted. */
  answers?: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /** Told of each message as it came, instead of reading it. */
  bytes?: ((request: IncomingMessage, bytes: Buffer) => void) | undefined;
  /** Ends the listener and every connection. */
  close(): Promise<void>;
}

/** @param port 0: one that is free */
export async function fakeCollector(port = 0): Promise<FakeCollector> {
  const messages: ReadMessage[] = [];
  const requests: IncomingMessage[] = [];
  const waits = new Set<() => void>();
  const server = createServer((request, response) => void take(request, response));
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // the sender may cut it
  });

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    request.on("error", () => {});
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer); // without an encoding they are Buffers
    } catch {
      return; // its sender gave it up halfway: it has not come
    }
    requests.push(request);
    if (collector.bytes !== undefined) {
      collector.bytes(request, Buffer.concat(chunks));
      response.end();
    } else if (collector.answers === undefined) {
      messages.push(...readOtlp(Buffer.concat(chunks)));
      response.end();
    } else collector.answers(request, response);
    for (const look of waits) look();
  }

  function until(come: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!come()) return;
        waits.delete(look);
        resolve();
      };
      waits.add(look);
      look();
    });
  }

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port; // it listens on a host and a port
  const collector: FakeCollector = {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    messages,
    requests,
    get spans() {
      return messages.flatMap(({ spans }) => spans);
    },
    has: async (spans) => {
      await until(() => collector.spans.length >= spans);
      return collector.spans;
    },
    asked: (count) => until(() => requests.length >= count),
    close: () => ended(server, sockets),
    [Symbol.asyncDispose]: () => ended(server, sockets),
  };
  return collector;
}

async function ended(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
}
