import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { endpoint } from "@weft/core";
import { Agent, connect, type Dispatcher, pipeline, request, stream, WebSocket } from "undici";
import { expect, test } from "vitest";
import { echoEndpoint } from "./echo-endpoint.ts";
import { NOTHING, rig } from "./rig.ts";

test("undici.stream goes through the mesh, retries and all", async () => {
  await using lab = await rig();
  await lab.endpoints.at(0).refuse();
  const sink = new PassThrough();
  const whole = text(sink);
  await stream("http://orders/v1", { dispatcher: lab.mesh.dispatcher, method: "POST", body: "two apples" }, () => sink);
  expect(JSON.parse(await whole)).toMatchObject({ endpoint: "endpoint-2", body: "two apples" });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("undici.pipeline goes through the mesh, its source kept for a retry", async () => {
  await using lab = await rig();
  lab.endpoints.at(0).always({ kind: "reset", at: "request" });
  const through = pipeline("http://orders/v1", { dispatcher: lab.mesh.dispatcher, method: "PUT" }, ({ body }) => body);
  const whole = text(through);
  through.end("two apples");
  expect(JSON.parse(await whole)).toMatchObject({ endpoint: "endpoint-2", body: "two apples" });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("headers that can be read once only arrive, with each attempt", async () => {
  await using lab = await rig();
  lab.endpoints.at(0).always({ kind: "reset", at: "request" });
  const headers = new Map([["x-a", "1"]]).entries();
  const { body } = await request("http://orders/v1", { dispatcher: lab.mesh.dispatcher, headers });
  expect(await body.json()).toMatchObject({ endpoint: "endpoint-2" });
  expect(lab.endpoints.at(0).requests[0]?.headers).toMatchObject({ "x-a": "1" });
  expect(lab.endpoints.at(1).requests[0]?.headers).toMatchObject({ "x-a": "1" });
});

test("a pipeline that its caller destroys ends the call", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "stall", at: "inside-body" } });
  const through = pipeline("http://orders/v1", { dispatcher: lab.mesh.dispatcher, method: "GET" }, ({ body }) => body);
  through.on("error", () => {});
  through.end();
  through.resume();
  await lab.endpoints.at(0).stalled();
  through.destroy();
  await lab.endpoints.at(0).allClosed();
  expect(lab.held()).toEqual(NOTHING);
});

test("undici.connect gets the endpoint's socket", async () => {
  await using echo = await echoEndpoint(200);
  await using lab = await rig({ count: 0, registered: [echo.endpoint] });
  const { socket } = await connect("http://orders/", { dispatcher: lab.mesh.dispatcher });
  socket.write("hello");
  expect(String((await once(socket, "data"))[0])).toBe("hello");
  expect(lab.held()).toMatchObject({ calls: 1, pending: 1 });
  const closed = once(socket, "close");
  socket.end();
  await closed;
  expect(lab.held()).toEqual(NOTHING);
});

test("a WebSocket is balanced as a call is, and its lease lasts until it closes", async () => {
  const server = createServer();
  const sockets: Duplex[] = [];
  server.on("upgrade", ({ headers }, socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    // Source: RFC 6455 1.3, with its own constant.
    const key = `${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    socket.write(Buffer.from([0x81, 2, 0x68, 0x69])); // a text frame: "hi"
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  await using lab = await rig({ count: 0, registered: [endpoint({ host: "127.0.0.1", port: address.port })] });
  const socket = new WebSocket("ws://orders/live", { dispatcher: lab.mesh.dispatcher });
  const message = await new Promise((resolve, reject) => {
    socket.addEventListener("message", ({ data }) => resolve(data));
    socket.addEventListener("error", ({ error }) => reject(error));
  });
  expect(message).toBe("hi");
  expect(lab.held()).toMatchObject({ calls: 1, pending: 1 });
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  for (const each of sockets) each.destroy();
  await closed;
  expect(lab.held()).toEqual(NOTHING);
  server.close();
});

const handler: Dispatcher.DispatchHandler = {
  onRequestStart() {},
  onResponseStart() {},
  onResponseData() {},
  onResponseEnd() {},
  onResponseError(_controller, error) {
    throw error;
  },
};
const get = { origin: "http://orders", path: "/", method: "GET" };

test.each<[what: string, options: unknown, handler: unknown]>([
  ["no options", undefined, handler],
  ["options that are none", null, handler],
  ["no handler", get, undefined],
  ["a handler that hears nothing", get, {}],
  ["a handler that hears no start", get, { ...handler, onRequestStart: undefined }],
  ["a handler that hears no error", get, { ...handler, onResponseError: undefined }],
  ["a handler that hears no body", get, { ...handler, onResponseData: undefined }],
  ["an upgrade that nobody takes", { ...get, upgrade: "echo" }, handler],
  ["a tunnel that nobody takes", { ...get, method: "CONNECT" }, handler],
])("%s is refused in undici's words, and nothing is sent", async (_, options, heard) => {
  await using lab = await rig({ count: 1 });
  const agent = new Agent();
  const words = (dispatcher: Dispatcher): string => {
    try {
      return `returned ${String(Reflect.apply(dispatcher.dispatch, dispatcher, [options, heard]))}`;
    } catch (error) {
      return String(error);
    }
  };
  expect(words(lab.mesh.dispatcher)).toBe(words(agent));
  expect(words(agent)).toMatch(/^InvalidArgumentError: /);
  expect(lab.endpoints.at(0).connections).toBe(0);
  await agent.close();
});

test("destroy of the dispatcher cuts what runs at once, and close lets it end", async () => {
  for (const end of ["destroy", "close"] as const) {
    await using lab = await rig({ count: 1, behaviour: { kind: "stall", at: "before-head" } });
    const { dispatcher } = lab.mesh;
    const call = request("http://orders/", { dispatcher }).then(({ statusCode }) => statusCode, codeOf);
    await lab.endpoints.at(0).stalled();
    const ended = new Promise<void>((resolve) =>
      end === "close" ? dispatcher.close(resolve) : dispatcher.destroy(null, resolve),
    );
    if (end === "close") lab.endpoints.at(0).release();
    expect(await call).toBe(end === "close" ? 200 : "CLOSED");
    await ended;
    expect(lab.held()).toEqual(NOTHING);
  }
});

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : error;
}
