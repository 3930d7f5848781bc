import { once } from "node:events";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { AgentHttp } from "./agent-http.ts";

const never = new AbortController().signal;

/** A server that does with each connection what the test says, and an AgentHttp that speaks to it. */
async function raw(handle: (socket: Socket) => void, path?: string) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
    handle(socket);
  });
  server.listen(path ?? { port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const time = fakeTime();
  const origin = path === undefined ? `http://127.0.0.1:${port}` : "http://localhost";
  const http = new AgentHttp(
    { label: origin, origin, prefix: "", ...(path === undefined ? {} : { socketPath: path }) },
    time,
    4,
  );
  onTestFinished(async () => {
    await http.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const get = (signal = never, deadlineMs = 1_000) =>
    http.request({ method: "GET", path: "/v1/x", token: "t", deadlineMs, signal });
  return { server, http, time, get };
}

test("a server that accepts and says nothing fails at the deadline, and the socket is let go", async () => {
  const { promise: accepted, resolve } = Promise.withResolvers<Socket>();
  const { http, time, get } = await raw(resolve);
  const asked = get().catch((error: unknown) => error);
  const socket = await accepted;
  const ended = once(socket.resume(), "close");
  await time.advance(1_000);
  expect(await asked).toMatchObject({ name: "NoAnswer", message: "no answer within 1000 ms", cut: false });
  await ended;
  expect(http.sockets).toBe(0);
  expect(time.pending()).toBe(0);
});

test("a body that drips for ever fails at the same deadline", async () => {
  const { promise: dripping, resolve } = Promise.withResolvers<Socket>();
  const { time, get } = await raw((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n[");
      resolve(socket);
    });
  });
  const asked = get().catch((error: unknown) => error);
  const socket = await dripping;
  for (let i = 0; i < 9; i++) {
    await time.advance(100);
    socket.write(" ");
  }
  await time.advance(100);
  expect(await asked).toMatchObject({ message: "no answer within 1000 ms" });
});

test("a body that trickles behind its head fails long before the deadline of a blocking query", async () => {
  const { promise: dripping, resolve } = Promise.withResolvers<Socket>();
  const { http, time, get } = await raw((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n[");
      resolve(socket);
    });
  });
  const asked = get(never, 70_000).catch((error: unknown) => error);
  const socket = await dripping;
  const ended = once(socket, "close");
  await expect.poll(() => time.pending()).toBe(2); // the head has come
  for (let i = 0; i < 7; i++) {
    await time.advance(1_000);
    socket.write(" ");
  }
  const message = expect.stringMatching(/^an answer whose body trickles: \d bytes of it within 6000 ms$/);
  expect(await asked).toMatchObject({ name: "NoAnswer", message, cut: false });
  await ended;
  expect(http.sockets).toBe(0);
  expect(time.pending()).toBe(0);
});

test("a connection that ends after the request is a cut, and one that is refused is none", async () => {
  const { server, get } = await raw((socket) => socket.once("data", () => socket.end()));
  await expect(get()).rejects.toMatchObject({ name: "NoAnswer", cut: true });
  server.close();
  await once(server, "close");
  await expect(get()).rejects.toMatchObject({ name: "NoAnswer", cut: false });
});

test("an abort rejects with its reason at once, also while the connection is being made", async () => {
  const { get } = await raw(() => {});
  const reason = new Error("closed");
  await expect(get(AbortSignal.abort(reason))).rejects.toBe(reason);
  const abort = new AbortController();
  const asked = get(abort.signal);
  abort.abort(reason);
  await expect(asked).rejects.toBe(reason);
});

test("close ends what is under way", async () => {
  const { promise: accepted, resolve } = Promise.withResolvers<Socket>();
  const { http, get } = await raw(resolve);
  const asked = get().catch((error: unknown) => error);
  await accepted;
  await http.close();
  expect(await asked).toMatchObject({ name: "NoAnswer" });
  expect(http.sockets).toBe(0);
});

test("speaks through a unix socket", async () => {
  const path = join(tmpdir(), `weft-agent-${process.pid}.sock`);
  const { get } = await raw((socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]"));
  }, path);
  const response = await get();
  expect(response.status).toBe(200);
  expect(await response.text()).toBe("[]");
});
