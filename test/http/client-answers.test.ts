import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { endpoint as endpointOf } from "@weft/core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { calling } from "./calling.ts";
import type { RawCaller } from "./raw-caller.ts";
import { rawEndpoint } from "./raw-endpoint.ts";

const OK = "HTTP/1.1 200 OK\r\n";

async function inPieces(peer: RawCaller, bytes: string, size: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += size) {
    peer.send(bytes.slice(at, at + size));
    await new Promise(setImmediate);
  }
}

describe("an answer", () => {
  test("without a length that its endpoint resets while its reader stalls is no complete one", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const heard = calling().call(endpoint);
    heard.takes = false;
    const peer = await connection(0);
    peer.send(`${OK}\r\n${"x".repeat(8 * 1024 * 1024)}`);
    await heard.answeredOrOver;
    peer.socket.resetAndDestroy();
    if (!peer.socket.closed) await once(peer.socket, "close");
    heard.takes = true;
    heard.exchange!.body!.resume();
    await heard.over();
    expect(heard).toMatchObject({ trailers: undefined, broke: heard.failure, ends: 1 });
    expect(heard.failure).toMatchObject({ code: "CONNECTION_LOST" });
  });

  test("without a length is complete with the end of a unix socket, which has no peer's address", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "weft-")), "s");
    const server = createServer((socket) => void socket.end(`${OK}\r\nhello`)).listen(path);
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const heard = calling({ target: () => ({ host: "", port: 0, path }) }).call(endpointOf({ host: "a", port: 1 }));
    expect(await heard.over()).toMatchObject({ body: "hello", failure: undefined, trailers: "" });
  });

  test("without a length is no complete one where the system knows no peer of its end", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const heard = calling().call(endpoint);
    const peer = await connection(0);
    peer.send(`${OK}\r\nhello`);
    await heard.answeredOrOver;
    // As Node 22 tells of a reset behind a read that has left something.
    vi.spyOn(Socket.prototype as Socket & { _getpeername(): object }, "_getpeername").mockReturnValue({});
    onTestFinished(() => void vi.restoreAllMocks());
    peer.end();
    await heard.over();
    expect(heard).toMatchObject({ body: "hello", trailers: undefined, broke: heard.failure, ends: 1 });
    expect(heard.failure).toMatchObject({ code: "CONNECTION_LOST" });
  });

  test.each([
    ["with a length", `${OK}Content-Length: 5\r\nX: y\r\n\r\nhello`, "hello", undefined],
    ["without a body", `${OK}Content-Length: 0\r\nX: y\r\n\r\n`, "", undefined],
    ["in chunks", `${OK}Transfer-Encoding: chunked\r\nX: y\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n`, "hello", ""],
    [
      "in chunks with trailers",
      `${OK}Transfer-Encoding: chunked\r\nX: y\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n`,
      "hello",
      "X-Sum: 5\r\n",
    ],
  ])("%s is the same however it is split into two reads", async (_what, bytes, body, trailers) => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    for (let at = 0; at <= bytes.length; at++) {
      const heard = call(endpoint);
      const peer = await connection(0);
      await peer.shows("\r\n\r\n", at + 1);
      peer.send(bytes.slice(0, at));
      if (at < bytes.length) {
        for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate);
        peer.send(bytes.slice(at));
      }
      await heard.over();
      expect(heard).toMatchObject({ body, failure: undefined, ends: 1, broke: undefined });
      expect(heard.heads).toHaveLength(1);
      expect(heard.heads[0]).toMatchObject({ status: 200, reason: "OK" });
      expect(heard.heads[0]?.get("x")).toBe("y");
      if (heard.exchange?.text === undefined) expect(heard.trailers).toBe(trailers ?? "");
      expect(pools.of(endpoint)).toMatchObject({ size: 1, idle: 1 });
    }
  });

  test.each([1, 2, 5, 1_000, 70_000])(
    "in many chunks, in reads of %d bytes, has the content that was sent",
    async (size) => {
      const { endpoint, connection } = await rawEndpoint();
      const { call } = calling();
      const contents = Array.from({ length: size < 10 ? 30 : 300 }, (_, i) => String(i).repeat(1 + ((i * i) % 997)));
      const chunks = contents.map((text, i) => `${text.length.toString(16)}${i % 3 === 0 ? ";q" : ""}\r\n${text}\r\n`);
      const heard = call(endpoint);
      const peer = await connection(0);
      const trickle = size < 10 ? chunks.slice(0, 12) : chunks;
      void inPieces(peer, `${OK}Transfer-Encoding: chunked\r\n\r\n${trickle.join("")}0\r\n\r\n`, size);
      await heard.over();
      expect(hash(heard.body)).toBe(hash(contents.slice(0, trickle.length).join("")));
      expect(heard.trailers).toBe("");
    },
  );

  test("until the end of the connection is complete with its FIN, and with nothing else", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    const ended = call(endpoint);
    const first = await connection(0);
    first.send(`${OK}\r\none two`);
    first.end();
    expect(await ended.over()).toMatchObject({ body: "one two", failure: undefined, trailers: "", broke: undefined });
    expect(pools.of(endpoint).size).toBe(0);

    const cut = call(endpoint);
    const second = await connection(1);
    second.send(`${OK}\r\none two`);
    await cut.answeredOrOver;
    while (cut.body === "") await new Promise(setImmediate);
    second.socket.resetAndDestroy();
    await cut.over();
    expect(cut).toMatchObject({ trailers: undefined, broke: cut.failure, ends: 1 });
    expect(cut.failure).toMatchObject({ code: "CONNECTION_LOST", outcome: { reason: "truncated" }, sent: "yes" });
  });

  test.each([
    ["its length", `${OK}Content-Length: 2049\r\n\r\nhello`],
    ["a chunk", `${OK}Transfer-Encoding: chunked\r\n\r\na\r\nhello`],
    ["the trailers", `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-S`],
  ])("cut inside %s is never complete", async (_what, bytes) => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    const heard = call(endpoint);
    const peer = await connection(0);
    peer.send(bytes);
    peer.end();
    await heard.over();
    expect(heard).toMatchObject({ body: "hello", trailers: undefined, ends: 1, broke: heard.failure });
    expect(heard.failure).toMatchObject({
      failure: undefined,
      outcome: { kind: "failure", reason: "truncated" },
      code: "CONNECTION_LOST",
    });
    expect(pools.of(endpoint).size).toBe(0);
  });

  test.each(["HEAD", "GET"])("to %s that has no body ends with its head", async (method) => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    const head =
      method === "HEAD" ? `${OK}Content-Length: 500\r\n\r\n` : "HTTP/1.1 304 x\r\nContent-Length: 500\r\n\r\n";
    for (let i = 0; i < 2; i++) {
      const heard = call(endpoint, { method });
      const peer = await connection(0);
      await peer.shows("\r\n\r\n", i + 1);
      peer.send(head);
      expect(await heard.over()).toMatchObject({ body: "", failure: undefined });
      expect(heard.heads[0]?.contentLength).toBe(500);
    }
    expect(pools.of(endpoint).idle).toBe(1);
  });

  test("may be announced by interim ones, as many as they are", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call } = calling();
    const heard = call(endpoint);
    const peer = await connection(0);
    const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    peer.send(`${interim.repeat(1_000)}${OK}Content-Length: 2\r\n\r\nok`);
    await heard.over();
    expect(heard.informedOf).toEqual(Array.from({ length: 2_000 }, (_, i) => (i % 2 === 0 ? 100 : 103)));
    expect(heard).toMatchObject({ body: "ok", failure: undefined });
  });

  test("may have a head of 64 KiB where that is allowed, and then a body", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call } = calling({ maxHeadBytes: 66_000 });
    const body = "0123456789".repeat(20_000);
    const heard = call(endpoint);
    const peer = await connection(0);
    peer.send(`${OK}X: ${"y".repeat(65_000)}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await heard.over();
    expect(heard.heads[0]?.get("x")).toHaveLength(65_000);
    expect(hash(heard.body)).toBe(hash(body));
  });

  test("that is longer than allowed in its head is refused before that ends", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call } = calling();
    const heard = call(endpoint);
    const peer = await connection(0);
    peer.send(`${OK}X: ${"y".repeat(17_000)}`);
    await heard.over();
    expect(heard.failure).toMatchObject({ code: "PROTOCOL_ERROR", sent: "yes" });
    await peer.ending();
  });

  test.each([
    ["no HTTP", "SSH-2.0-OpenSSH\r\n"],
    ["two lengths", `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
    ["a bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"],
    ["chunks that are none, with the head", `${OK}Transfer-Encoding: chunked\r\n\r\nno\r\n`],
    ["101 that nobody asked for", "HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n"],
  ])("with %s is none, and its connection is closed", async (_what, bytes) => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    const heard = call(endpoint);
    const peer = await connection(0);
    peer.send(bytes);
    await heard.over();
    expect(heard).toMatchObject({ heads: [], ends: 1, exchange: { head: undefined } });
    expect(heard.failure).toMatchObject({ code: "PROTOCOL_ERROR", outcome: { kind: "failure", reason: "protocol" } });
    await peer.ending();
    expect(pools.of(endpoint).size).toBe(0);
  });

  test("whose chunks go wrong later breaks off", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call } = calling();
    const heard = call(endpoint);
    const peer = await connection(0);
    peer.send(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
    await heard.answeredOrOver;
    while (heard.body === "") await new Promise(setImmediate);
    peer.send("+1\r\nx\r\n0\r\n\r\n");
    await heard.over();
    expect(heard).toMatchObject({ body: "hello", trailers: undefined, broke: heard.failure });
    expect(heard.failure).toMatchObject({ code: "PROTOCOL_ERROR", outcome: { reason: "truncated" } });
    await peer.ending();
  });
});

describe("a tunnel", () => {
  test.each([
    ["101", "GET", "HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"],
    ["2xx to CONNECT", "CONNECT", "HTTP/1.1 200 x\r\n\r\n"],
  ])("begins with %s, and keeps what came behind the head", async (_what, method, head) => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools, limit } = calling();
    const upgrade = method === "GET" ? "echo" : "";
    const heard = call(endpoint, { method, upgrade });
    const peer = await connection(0);
    peer.send(`HTTP/1.1 103 x\r\n\r\n${head}early`);
    await heard.over();
    const { tunnel, early } = heard.exchange!;
    expect(early?.toString()).toBe("early");
    expect(heard).toMatchObject({ ends: 1, failure: undefined, informedOf: [103] });
    expect(pools.of(endpoint)).toMatchObject({ size: 1, idle: 0 });
    // Nobody has taken it yet, and the endpoint breaks it off: that is no error of the process.
    peer.socket.resetAndDestroy();
    tunnel?.socket.resume();
    while (limit.running > 0) await new Promise(setImmediate);
  });

  test("is not what a refused upgrade is", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    const heard = call(endpoint, { upgrade: "echo" });
    const peer = await connection(0);
    peer.send("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
    expect(await heard.over()).toMatchObject({ body: "no", exchange: { tunnel: undefined } });
    expect(pools.of(endpoint).idle).toBe(1);
  });
});

test("TLS: bodies come through whole, and connections are used again", async () => {
  const pem = (name: string): string =>
    readFileSync(new URL(`../client/certificates/${name}.pem`, import.meta.url), "utf8");
  const { endpoint, connection } = await rawEndpoint({ cert: pem("orders"), key: pem("orders-key") });
  const context = createSecureContext({ ca: pem("authority") });
  const { call, pools } = calling({
    target: ({ host, port }) => ({ host, port, tls: { servername: "orders", context } }),
  });
  const body = "0123456789".repeat(50_000);
  for (let i = 1; i < 4; i++) {
    const heard = call(endpoint);
    const peer = await connection(0);
    await peer.shows("\r\n\r\n", i);
    peer.send(`${OK}Content-Length: ${body.length}\r\n\r\n${body}`);
    await heard.over();
    expect(hash(heard.body)).toBe(hash(body));
    expect(pools.of(endpoint)).toMatchObject({ size: 1, idle: 1 });
  }
});

function hash(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}
