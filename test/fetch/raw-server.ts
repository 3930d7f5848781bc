import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** One request as it came over the wire. */
export interface SeenRequest {
  /** Request line and header lines, as sent. */
  readonly lines: readonly string[];
  /** The body's bytes in hex, still chunked if it was. */
  readonly body: string;
}

/** Answers one request. `turn` counts the requests of one observation from 0. */
export type Answer = (socket: Socket, turn: number, request: SeenRequest) => void;

export interface RawServer extends AsyncDisposable {
  readonly origin: string;
  /** Same server, other origin to fetch. */
  readonly otherOrigin: string;
  /** Forgets what it saw, and answers with `answer` from now on. */
  become(answer: Answer): void;
  readonly seen: readonly SeenRequest[];
  /** Resolves when every connection that was made has ended. */
  disconnected(): Promise<void>;
}

/** A server that says exactly what a test wrote down, byte by byte, and keeps what it was told. */
export async function rawServer(): Promise<RawServer> {
  let answer: Answer = () => {};
  let seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // a client that aborts resets
    let received: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (let end = requestEnd(received); end >= 0; end = requestEnd(received)) {
        const request = read(received.subarray(0, end));
        received = received.subarray(end);
        seen.push(request);
        answer(socket, seen.length - 1, request);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    otherOrigin: `http://localhost:${address.port}`,
    become(next) {
      answer = next;
      seen = [];
    },
    get seen() {
      return seen;
    },
    async disconnected() {
      await Promise.all([...sockets].map((socket) => once(socket, "close")));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Where the first request in `bytes` ends; -1 when it has not. */
function requestEnd(bytes: Buffer): number {
  const head = bytes.indexOf("\r\n\r\n");
  if (head < 0) return -1;
  const text = bytes.toString("latin1", 0, head);
  if (/^transfer-encoding: chunked$/im.test(text)) {
    const last = bytes.indexOf("0\r\n\r\n", head + 4);
    return last < 0 ? -1 : last + 5;
  }
  const end = head + 4 + Number(/^content-length: (\d+)$/im.exec(text)?.[1] ?? 0);
  return bytes.length < end ? -1 : end;
}

function read(bytes: Buffer): SeenRequest {
  const head = bytes.indexOf("\r\n\r\n");
  return { lines: bytes.toString("latin1", 0, head).split("\r\n"), body: bytes.toString("hex", head + 4) };
}
