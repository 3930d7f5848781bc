import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A socket and what came of it. */
export interface Peer {
  readonly socket: Socket;
  /** Resolves when so many bytes are here, or the end is; with all that came. Only one that reads text. */
  text(bytes?: number): Promise<string>;
  /** Resolves with how the connection ended: `end` by the peer's end, `reset`. */
  readonly over: Promise<"end" | "reset">;
}

export function peer(socket: Socket): Peer {
  const over = Promise.withResolvers<"end" | "reset">();
  let text = "";
  let ended = false;
  let waiting: { readonly bytes: number; readonly resolve: (text: string) => void }[] = [];
  const check = (): void => {
    for (const { bytes, resolve } of waiting) if (ended || text.length >= bytes) resolve(text);
    waiting = waiting.filter(({ bytes }) => !ended && text.length < bytes);
  };
  const end = (how: "end" | "reset"): void => {
    ended = true;
    over.resolve(how);
    check();
  };
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
    check();
  });
  socket.on("end", () => end("end"));
  socket.on("error", () => end("reset"));
  socket.on("close", () => end("end"));
  onTestFinished(() => void socket.destroy());
  return {
    socket,
    over: over.promise,
    text: (bytes = Number.POSITIVE_INFINITY) =>
      new Promise((resolve) => {
        waiting.push({ bytes, resolve });
        check();
      }),
  };
}

/** A server that closes with the test, with all its connections; `wire` is the last of these. */
export async function serve(
  onConnection: (socket: Socket) => void,
  port = 0,
): Promise<{ readonly server: Server; readonly port: number; readonly wire: () => Socket }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // a connection that breaks is the test
    onConnection(socket);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => void server.close(resolve));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const wire = (): Socket => [...sockets].at(-1)!; // asked for by tests that were connected to
  return { server, port: (server.address() as AddressInfo).port, wire }; // it listens on TCP
}

/** Connects without waiting for it: for what may be reset at once. */
export function knockAt(port: number): Peer {
  return peer(connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true }));
}

export async function connectTo(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {}); // a connection that breaks is the test
  await once(socket, "connect");
  return socket;
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

/** What comes and is waited for, in either order. */
export interface Queue<Item> {
  readonly put: (item: Item) => void;
  /** Resolves with the first that nobody has taken. */
  readonly next: () => Promise<Item>;
}

export function queue<Item>(): Queue<Item> {
  const items: Item[] = [];
  const waiting: ((item: Item) => void)[] = [];
  return {
    put: (item) => {
      const next = waiting.shift();
      if (next === undefined) items.push(item);
      else next(item);
    },
    next: () =>
      new Promise((resolve) => {
        if (items.length > 0) resolve(items.shift()!); // there is one
        else waiting.push(resolve);
      }),
  };
}

/** Resolves when something holds, asked once in each turn of the loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => void setImmediate(resolve));
}
