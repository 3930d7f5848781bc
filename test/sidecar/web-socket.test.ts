import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer as createHttp2,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import type { ServicePolicyInput } from "@weft/config";
import { fakeTime } from "@weft/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { rawCaller } from "../http/raw-caller.ts";
import { sidecarRig } from "./rig.ts";

const ASKED = { ":method": "CONNECT", ":protocol": "websocket", ":scheme": "http", ":path": "/live" };

/**
 * An endpoint over HTTP/1.1 that switches, says hello, and then sends back in capitals what it gets.
 *
 * @param answer to the head, with the number of the request, 1 for the first; "" closes the connection
 */
async function shouter(
  answer: (head: string, count: number) => string = switches,
): Promise<{ port: number; heads: string[]; sockets: Socket[] }> {
  const heads: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on("error", () => {}));
    let head = "";
    socket.on("data", (bytes) => {
      if (head.includes("\r\n\r\n")) return void socket.write(bytes.toString().toUpperCase());
      head += bytes.toString();
      if (!head.includes("\r\n\r\n")) return;
      heads.push(head);
      const text = answer(head, heads.length);
      if (text === "") socket.destroy();
      else socket.write(text);
    });
    socket.on("end", () => socket.end(" bye"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: portOf(server.address()), heads, sockets };
}

function switches(head: string): string {
  const [, key = ""] = /sec-websocket-key: (\S+)/i.exec(head) ?? [];
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return (
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
    `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: chat\r\n\r\nhello `
  );
}

function portOf(address: ReturnType<ReturnType<typeof createServer>["address"]>): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A sidecar over one endpoint, its log, and a caller over HTTP/2. */
async function started(endpoint: number, policy: ServicePolicyInput = {}) {
  const log = new PassThrough({ encoding: "utf8" });
  const time = fakeTime();
  const rig = await sidecarRig({
    count: 0,
    policy: { discover: { static: [`127.0.0.1:${endpoint}`] }, ...policy },
    outbound: { timeouts: { tunnel: "60s" } },
    rest: { telemetry: { accessLog: "json" } },
    options: { time, accessLogTo: log },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const session = connect(`http://127.0.0.1:${rig.port}`).on("error", () => {});
  onTestFinished(() => session.destroy());
  await once(session, "remoteSettings");
  return { ...rig, time, session, log };
}

function ask(session: ClientHttp2Session, fields = {}) {
  const stream = session.request({ ...ASKED, ":authority": "orders", "sec-websocket-version": "13", ...fields });
  let text = "";
  stream.on("error", () => {}).on("data", (bytes: Buffer) => (text += bytes.toString()));
  return {
    stream,
    text: () => text,
    async until(part: string) {
      while (!text.includes(part)) await once(stream, "data");
    },
  };
}

/** Resolves when it is closed, for whatever reason: `once` would reject for some. */
function closed(stream: ClientHttp2Stream | Socket): Promise<void> {
  return new Promise((resolve) => stream.once("close", () => resolve()));
}

async function headOf(stream: ClientHttp2Stream): Promise<Readonly<Record<string, unknown>>> {
  const [head] = (await once(stream, "response")) as [Record<string, unknown>]; // by node:http2's documentation
  return head;
}

describe("a WebSocket over HTTP/2 to an endpoint of HTTP/1.1", () => {
  test("becomes an Upgrade there, and its 101 the caller's 200", async () => {
    const { port, heads } = await shouter();
    const { session, log, held } = await started(port);
    const { stream, text, until } = ask(session, { "sec-websocket-protocol": "chat" });
    stream.write("early ");
    const head = await headOf(stream);
    expect(head).toMatchObject({ ":status": 200, "sec-websocket-protocol": "chat" });
    for (const name of ["sec-websocket-accept", "upgrade", "connection"]) expect(head).not.toHaveProperty(name);
    await until("EARLY");
    stream.end("and late");
    await closed(stream);
    expect(text()).toBe("hello EARLY AND LATE bye");
    expect(heads[0]).toMatch(/^GET \/live HTTP\/1\.1\r\nHost: orders\r\n/);
    expect(heads[0]).toMatch(/\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: \S{22}==\r\n\r\n$/);
    expect(heads[0]).toMatch(/\r\nsec-websocket-version: 13\r\n/i);
    expect(heads[0]).not.toMatch(/content-length|transfer-encoding|expect/i);
    expect(JSON.parse(String(log.read()))).toMatchObject({
      protocol: "upgrade",
      method: "CONNECT",
      path: "/live",
      status: 200,
      bytesIn: 14,
      bytesOut: text().length,
      end: "complete",
    });
    expect(await held()).toMatchObject({ calls: 0, pending: 0, connections: 0 });
  });

  test.each(["", "all at once"])(
    "is one also for a caller that ends with its request, having said %j",
    async (said) => {
      const { port, heads } = await shouter();
      const { session, held } = await started(port);
      const { stream, text } = ask(session);
      stream.end(said);
      expect(await headOf(stream)).toMatchObject({ ":status": 200 });
      await closed(stream);
      expect({ text: text(), requests: heads.length }).toEqual({
        text: `hello ${said.toUpperCase()} bye`,
        requests: 1,
      });
      expect(await held()).toMatchObject({ calls: 0, pending: 0, connections: 0 });
    },
  );

  test("asks with another key each time", async () => {
    const { port, heads } = await shouter();
    const { session } = await started(port);
    for (let i = 0; i < 2; i++) await ask(session).until("hello");
    const keys = heads.map((head) => /sec-websocket-key: (\S+)/i.exec(head)?.[1]);
    expect(new Set(keys).size).toBe(2);
  });

  test("outlives the deadline, and ends when neither side has used it for too long", async () => {
    const { port, sockets } = await shouter();
    const { session, time, held } = await started(port, { timeout: { total: "5s", idle: "1s" } });
    const { stream, until } = ask(session);
    await until("hello");
    await new Promise(setImmediate);
    await time.advance(50_000);
    stream.write("still here");
    await until("STILL HERE");
    await time.advance(50_000);
    expect(stream.closed).toBe(false);
    const over = Promise.all([closed(stream), closed(sockets[0]!)]);
    await time.advance(60_000);
    await over;
    expect(stream.rstCode).toBe(0x8);
    expect(await held()).toMatchObject({ calls: 0, pending: 0, connections: 0 });
  });

  test("ends for the endpoint when its caller goes, and for the caller when the endpoint breaks", async () => {
    const { port, sockets } = await shouter();
    const { session, held } = await started(port);
    const [goes, stays] = [ask(session), ask(session)];
    await Promise.all([goes.until("hello"), stays.until("hello")]);
    const [first, second] = sockets;
    goes.stream.close(0x8);
    await Promise.race([closed(first!), closed(second!)]);
    const left = first!.destroyed ? second! : first!;
    const over = closed(stays.stream);
    left.resetAndDestroy();
    await over;
    expect(stays.stream.rstCode).not.toBe(0);
    expect(await held()).toMatchObject({ calls: 0, pending: 0, connections: 0 });
  });

  test.each([
    ["does not switch", () => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno", "PROTOCOL_ERROR"],
    ["has not read the key", (head: string) => switches(head).replace(/Accept: ./, "Accept: x"), "PROTOCOL_ERROR"],
  ])("is refused where the endpoint %s", async (_why, answer, code) => {
    const { port } = await shouter(answer);
    const { session } = await started(port, { retry: "off" });
    const { stream, until } = ask(session);
    expect(await headOf(stream)).toMatchObject({ ":status": 502, "x-weft-error": code });
    await until("}");
  });

  test("is asked for again where a GET would be: nothing has been said yet", async () => {
    const { port, heads } = await shouter((head, count) => (count === 1 ? "" : switches(head)));
    const { session } = await started(port, { retry: { backoff: { base: "0ms", max: "0ms" } } });
    const { stream, until } = ask(session);
    stream.write("early ");
    await until("EARLY");
    expect(heads).toHaveLength(2);
  });

  test("is answered what the endpoint says instead", async () => {
    const { port } = await shouter(() => "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    const { session } = await started(port);
    const { stream, until } = ask(session);
    expect(await headOf(stream)).toMatchObject({ ":status": 403 });
    await until("no");
  });

  test("is not held up by a reader that stalls, nor held", async () => {
    const { port, sockets } = await shouter();
    const { session } = await started(port);
    const stalls = ask(session);
    await stalls.until("hello");
    stalls.stream.pause();
    const block = Buffer.alloc(1024 * 1024, "x");
    for (let i = 0; i < 16; i++) sockets[0]?.write(block);
    for (let i = 0; i < 200; i++) await new Promise(setImmediate);
    expect(sockets[0]?.writableLength).toBeGreaterThan(8 * block.length);
    await ask(session).until("hello");
  });
});

/** An endpoint over HTTP/2 that takes the extended CONNECT, and then sends back in capitals what it gets. */
async function http2Shouter(enableConnectProtocol = true) {
  const server = createHttp2({ settings: { enableConnectProtocol } });
  const heads: IncomingHttpHeaders[] = [];
  const streams: ServerHttp2Stream[] = [];
  const sessions: ServerHttp2Session[] = [];
  server.on("session", (session) => void sessions.push(session));
  server.on("stream", (stream: ServerHttp2Stream, head: IncomingHttpHeaders) => {
    heads.push(head);
    streams.push(stream);
    stream.respond({ ":status": 200, "sec-websocket-protocol": "chat" });
    stream.on("error", () => {}).on("data", (bytes: Buffer) => stream.write(bytes.toString().toUpperCase()));
    stream.on("end", () => stream.end(" bye"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { port: portOf(server.address()), heads, streams, sessions };
}

test("a WebSocket over HTTP/2 on both sides stays the extended CONNECT that it is", async () => {
  const { port, heads } = await http2Shouter();
  const { session, time, held } = await started(port, { protocol: "http2", timeout: { total: "5s" } });
  const { stream, text, until } = ask(session);
  stream.write("early ");
  await until("EARLY");
  await time.advance(30_000);
  stream.end("late");
  await closed(stream);
  expect(text()).toBe("EARLY LATE bye");
  expect(heads).toMatchObject([{ ...ASKED, ":authority": "orders", "sec-websocket-version": "13" }]);
  expect(await held()).toMatchObject({ calls: 0, pending: 0 });
});

describe("a WebSocket over HTTP/1.1 to an endpoint of HTTP/2", () => {
  const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  const UPGRADE =
    "GET /live HTTP/1.1\r\nHost: orders\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`;

  test("becomes an extended CONNECT there, and its 200 the caller's 101", async () => {
    const { port, heads } = await http2Shouter();
    const rig = await started(port, { protocol: "http2", timeout: { total: "5s" } });
    const caller = rawCaller(`127.0.0.1:${rig.port}`);
    caller.send(`${UPGRADE}early `);
    await caller.shows("EARLY");
    await rig.time.advance(30_000);
    caller.send("and late");
    await caller.shows("AND LATE");
    caller.end();
    expect(await caller.ending()).toBe("end");
    const [head = "", rest] = caller.text().split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(head).toMatch(/\r\nsec-websocket-protocol: chat\r\n[^]*\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/);
    expect(head).toMatch(/\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=$/); // RFC 6455 1.3
    expect(rest).toBe("EARLY AND LATE bye");
    expect(heads).toMatchObject([{ ...ASKED, ":authority": "orders", "sec-websocket-version": "13" }]);
    expect(heads[0]).not.toHaveProperty("sec-websocket-key");
    expect(JSON.parse(String(rig.log.read()))).toMatchObject({
      protocol: "upgrade",
      method: "GET",
      status: 101,
      bytesIn: 14,
      bytesOut: 18,
      end: "complete",
    });
    expect(await rig.held()).toMatchObject({ calls: 0, pending: 0 });
  });

  test("ends for the endpoint when its caller goes, and for the caller when the endpoint breaks", async () => {
    const { port, streams, sessions } = await http2Shouter();
    const rig = await started(port, { protocol: "http2" });
    const [goes, stays] = [rawCaller(`127.0.0.1:${rig.port}`), rawCaller(`127.0.0.1:${rig.port}`)];
    goes.send(`${UPGRADE}one`);
    await goes.shows("ONE");
    stays.send(`${UPGRADE}two`);
    await stays.shows("TWO");
    const left = closed(streams[0]!);
    goes.socket.resetAndDestroy();
    await left;
    expect(streams[0]?.rstCode).toBe(0x8);
    sessions[0]?.destroy();
    expect(await stays.ending()).not.toBe("end");
    expect(await rig.held()).toMatchObject({ calls: 0, pending: 0 });
  });

  test("ends when neither side has used it for too long", async () => {
    const { port, streams } = await http2Shouter();
    const rig = await started(port, { protocol: "http2" });
    const caller = rawCaller(`127.0.0.1:${rig.port}`);
    caller.send(`${UPGRADE}one`);
    await caller.shows("ONE");
    const over = closed(streams[0]!);
    await rig.time.advance(61_000);
    await rig.time.advance(15_000);
    await over;
    await caller.ending();
    expect(await rig.held()).toMatchObject({ calls: 0, pending: 0 });
  });

  test("is refused where the endpoint takes no extended CONNECT", async () => {
    const { port, heads } = await http2Shouter(false);
    const rig = await started(port, { protocol: "http2", retry: "off" });
    await fetchHead(rig.session); // the endpoint's settings are known from now on
    const caller = rawCaller(`127.0.0.1:${rig.port}`);
    caller.send(UPGRADE);
    await caller.shows("HTTP/1.1 502 Bad Gateway");
    expect(heads.map((head) => head[":method"])).toEqual(["GET"]);
  });

  test("holds its reader up where the endpoint does not read", async () => {
    const { port, streams } = await http2Shouter();
    const rig = await started(port, { protocol: "http2" });
    const caller = rawCaller(`127.0.0.1:${rig.port}`);
    caller.send(`${UPGRADE}one`);
    await caller.shows("ONE");
    streams[0]?.pause();
    const block = Buffer.alloc(1024 * 1024, "x");
    for (let i = 0; i < 16; i++) caller.socket.write(block);
    for (let i = 0; i < 200; i++) await new Promise(setImmediate);
    expect(caller.socket.writableLength).toBeGreaterThan(8 * block.length);
    // Nobody reads the caller's connection, so nobody would hear of its end.
    const closing = rig.sidecar.close();
    await rig.time.advance(0);
    await closing;
  });
});

async function fetchHead(session: ClientHttp2Session): Promise<void> {
  const stream = session.request({ ":path": "/", ":authority": "orders" });
  await headOf(stream.on("error", () => {}));
  stream.close();
  await closed(stream);
}

test("another protocol than WebSocket is not passed on", async () => {
  const { port } = await shouter();
  const { session } = await started(port);
  const { stream } = ask(session, { ":protocol": "connect-udp" });
  expect(await headOf(stream)).toMatchObject({ ":status": 501, "x-weft-error": "NOT_IMPLEMENTED" });
});
