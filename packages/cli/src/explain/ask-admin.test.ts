import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SocketAddress } from "@weft/config";
import { expect, onTestFinished, test } from "vitest";
import { askAdmin } from "./ask-admin.ts";

async function listening(server: Server, path?: string): Promise<SocketAddress> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (path === undefined) server.listen(0, "127.0.0.1", resolve);
  else server.listen(path, resolve);
  await promise;
  onTestFinished(() => void server.close());
  if (path !== undefined) return { path };
  // A server that listens on a port has such an address.
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

const answering = (answer: RequestListener, path?: string): Promise<SocketAddress> =>
  listening(createServer(answer), path);

/** A server that does this with each connection when a request has come. */
function raw(act: (socket: Socket) => void): Promise<SocketAddress> {
  return listening(
    createTcpServer((socket) => {
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => {});
      socket.once("data", () => act(socket));
    }),
  );
}

test("tells what was answered", async () => {
  const admin = await answering(({ url, headers }, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ url, accept: headers.accept }));
  });
  expect(await askAdmin(admin, "/explain?failed")).toEqual({
    kind: "answered",
    body: { url: "/explain?failed", accept: "application/json" },
  });
});

test("asks over a socket of the file system, too", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weft-explain-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const admin = await answering((_, response) => void response.end("{}"), join(folder, "admin.sock"));
  expect(await askAdmin(admin, "/")).toEqual({ kind: "answered", body: {} });
});

test("tells why the admin API refused", async () => {
  const admin = await answering((_, response) => {
    response.writeHead(404, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ status: 404, detail: "there is no service" }));
  });
  expect(await askAdmin(admin, "/")).toEqual({ kind: "refused", status: 404, detail: "there is no service" });
});

test("knows a listener that takes calls from the admin API", async () => {
  const admin = await answering((_, response) => {
    response.writeHead(502, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ status: 502, code: "UNKNOWN_SERVICE", detail: "no service is called so" }));
  });
  expect(await askAdmin(admin, "/")).toEqual({
    kind: "failed",
    why: expect.stringMatching(/ takes calls and is no admin API; .* with --admin$/),
  });
});

test("says that nobody listens, and where to look", async () => {
  const server = createTcpServer();
  const admin = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  expect(await askAdmin(admin, "/")).toEqual({
    kind: "failed",
    why: expect.stringMatching(/^nobody listens at 127\.0\.0\.1:\d+; is the sidecar running, .* with --admin$/),
  });
  expect(await askAdmin({ path: "/nowhere/at/all.sock" }, "/")).toEqual({
    kind: "failed",
    why: expect.stringMatching(/^there is no socket unix:\/nowhere\/at\/all\.sock; /),
  });
});

test.each([
  { what: "a page", status: 200, type: "text/html", body: "<html>", says: "(200 with text/html)" },
  { what: "a list", status: 200, type: "application/json", body: "[]", says: "(200 with application/json)" },
  { what: "a refusal of its own", status: 404, type: "text/plain", body: "no", says: "(404 with text/plain)" },
  { what: "a problem that is none", status: 400, type: "application/problem+json", body: "{", says: "(400 with " },
])("says of whoever answers with $what that it is none of ours", async ({ status, type, body, says }) => {
  const admin = await answering((_, response) => {
    response.writeHead(status, { "content-type": type });
    response.end(body);
  });
  expect(await askAdmin(admin, "/")).toMatchObject({
    kind: "failed",
    why: expect.stringMatching(/^what answers at 127\.0\.0\.1:\d+ is no admin API of weft/),
  });
  expect(await askAdmin(admin, "/")).toMatchObject({ why: expect.stringContaining(says) });
});

test.each([
  { what: "says nothing", bytes: "" },
  { what: "stops inside its answer", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{" },
])("does not wait for one that $what", async ({ bytes }) => {
  const admin = await raw((socket) => void socket.write(bytes));
  expect(await askAdmin(admin, "/", 100)).toEqual({
    kind: "failed",
    why: expect.stringMatching(/^127\.0\.0\.1:\d+ gave no answer within 0\.1 s$/),
  });
});

test.each([
  { what: "before its answer", bytes: "" },
  { what: "inside its answer", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{" },
])("says that one broke off $what", async ({ bytes }) => {
  const admin = await raw((socket) => void socket.end(bytes));
  expect(await askAdmin(admin, "/")).toEqual({
    kind: "failed",
    why: expect.stringContaining("broke off before its answer was complete"),
  });
});

test("says that bytes are no answer", async () => {
  const admin = await raw((socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
  expect(await askAdmin(admin, "/")).toMatchObject({ kind: "failed", why: expect.stringContaining("with --admin") });
});
