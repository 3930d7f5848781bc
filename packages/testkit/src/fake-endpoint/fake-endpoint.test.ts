import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { fakeTime } from "../fake-time.ts";
import { waits } from "../waits.ts";
import { type FakeEndpoint, fakeEndpoint, type FakeEndpointOptions } from "./fake-endpoint.ts";
import { fakeEndpoints } from "./fake-endpoints.ts";

const GET = "GET /a?b=1 HTTP/1.1\r\nhost: x\r\n\r\n";
const opened: FakeEndpoint[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((endpoint) => endpoint.close()));
});

describe("a fake endpoint answers", () => {
  test("with an echo of the request, by default, on a connection it keeps", async () => {
    const endpoint = await started({ name: "orders-1" });
    const client = dial(endpoint);
    client.send("POST /a?b=1 HTTP/1.1\r\nHost: x\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 5\r\n\r\nhello");
    await client.shows('"hello"');
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(client.text()).toContain("x-fake-endpoint: orders-1\r\n");
    const headers = { host: "x", "x-two": "1, 2", "content-length": "5" };
    const seen = { method: "POST", path: "/a?b=1", connection: 1 };
    expect(client.json()).toEqual({ endpoint: "orders-1", ...seen, headers, body: "hello", request: 1 });
    expect(endpoint.requests).toMatchObject([{ ...seen, headers, number: 1 }]);
    expect(endpoint.requests[0]?.body.toString()).toBe("hello");
    client.send(GET);
    await endpoint.requestCount(2);
    expect(endpoint.connections).toBe(1);
  });

  test("to a body in chunks, whatever the pieces it arrives in", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    const request =
      "PUT / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n, big worl\r\n1\r\nd\r\n0\r\nt: 1\r\n\r\n";
    for (const byte of request) client.send(byte);
    await endpoint.requestCount(1);
    expect(endpoint.requests[0]?.body.toString()).toBe("hello, big world");
  });

  test("to requests sent at once, in their order", async () => {
    const endpoint = await started({ behaviour: ({ path }) => ({ body: `<${path}>` }) });
    const client = dial(endpoint);
    client.send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nconnection: close\r\n\r\n");
    expect(await client.ending()).toBe("end");
    expect(client.text().match(/<[^>]*>/g)).toEqual(["</1>", "</2>", "</3>"]);
  });

  test("with the status, headers and body it was told, once each, and then as usual", async () => {
    const endpoint = await started({ behaviour: { body: "usual" } });
    endpoint.next(
      { status: 503, headers: { "retry-after": "1", "set-cookie": ["a=1", "b=2"] }, body: "no" },
      { body: "2" },
    );
    const client = dial(endpoint);
    for (const shows of ["no", "\r\n\r\n2", "usual"]) {
      client.send(GET);
      await client.shows(shows);
    }
    expect(client.text()).toContain(
      "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n",
    );
    expect(client.text().match(/content-length: \d/g)).toEqual([
      "content-length: 2",
      "content-length: 1",
      "content-length: 5",
    ]);
  });

  test("anew after the default was changed, on the connections it has as well", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
    endpoint.always({ status: 500 });
    client.send(GET);
    await client.shows("500 Internal");
    endpoint.always({ kind: "reset", at: "accept" });
    client.send(GET);
    expect(await client.ending()).toBe("ECONNRESET");
  });

  test.each([
    { method: "HEAD", answer: { body: "12345" }, has: "content-length: 5" },
    { method: "HEAD", answer: { chunked: true }, has: "transfer-encoding: chunked" },
    { method: "GET", answer: { status: 204, body: "never sent" }, has: "204 No Content" },
    { method: "GET", answer: { status: 304 }, has: "304 Not Modified" },
  ])("$method with $answer without a body", async ({ method, answer, has }) => {
    const endpoint = await started({ behaviour: answer });
    const client = dial(endpoint);
    client.send(`${method} / HTTP/1.1\r\nconnection: close\r\n\r\n`);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toContain(has);
    expect(client.text()).toMatch(/\r\n\r\n$/);
  });

  test.each([
    { body: "12345", wire: "2\r\n12\r\n3\r\n345\r\n0\r\n\r\n" },
    { body: "1", wire: "1\r\n1\r\n0\r\n\r\n" },
    { body: "", wire: "0\r\n\r\n" },
  ])("with '$body' in chunks", async ({ body, wire }) => {
    const endpoint = await started({ behaviour: { chunked: true, body } });
    const client = dial(endpoint);
    client.send(GET);
    await client.shows(`\r\n\r\n${wire}`);
  });

  test("with informational responses first", async () => {
    const endpoint = await started();
    endpoint.next({ informational: [{ status: 103, headers: { link: "</a.css>" } }, { status: 102 }], body: "x" });
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
    expect(client.text()).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>\r\n\r\nHTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 200 OK/,
    );
  });

  test("100 Continue to a client that waits for it", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    client.send("POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
    await client.shows("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    await client.shows("200 OK");
  });

  test("after a delay on the timer it was given", async () => {
    const timer = fakeTime();
    const endpoint = await started({ timer, behaviour: { delayMs: 1_000 } });
    const client = dial(endpoint);
    client.send(GET);
    await endpoint.requestCount(1);
    await timer.advance(999);
    expect(client.text()).toBe("");
    await timer.advance(1);
    await client.shows("200 OK");
    expect(timer.pending()).toBe(0);
  });

  test("500 with the error when the test's own rule throws", async () => {
    const endpoint = await started({
      behaviour: () => {
        throw new Error("a mistake in the test");
      },
    });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toMatch(/^HTTP\/1\.1 500 .*a mistake in the test$/s);
  });

  test.each([
    "hello\r\n\r\n",
    "GET / HTTP/2.0\r\n\r\n",
    "GET / HTTP/1.1\r\nno colon\r\n\r\n",
    "POST / HTTP/1.1\r\ncontent-length: 1x\r\n\r\n",
    "POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    `GET /${"x".repeat(70_000)}`,
  ])("400 to what is no request (%#)", async (bytes) => {
    const endpoint = await started();
    const client = dial(endpoint);
    client.send(bytes);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toMatch(/^HTTP\/1\.1 400 /);
    expect(endpoint.requests).toHaveLength(0);
  });
});

describe("a fake endpoint misbehaves", () => {
  test("by resetting a connection at once", async () => {
    const endpoint = await started();
    endpoint.next({ kind: "reset", at: "accept" });
    expect(await dial(endpoint).ending()).toBe("ECONNRESET");
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
  });

  test("by resetting instead of an answer", async () => {
    const endpoint = await started({ behaviour: { kind: "reset", at: "request" } });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("ECONNRESET");
    expect(client.text()).toBe("");
    expect(endpoint.requests).toHaveLength(1);
  });

  test("by resetting inside the body", async () => {
    const endpoint = await started({ behaviour: { kind: "reset", at: "body", answer: { body: "12345678" } } });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("ECONNRESET");
    expect(client.text()).toMatch(/content-length: 8\r\n\r\n1234$/);
  });

  test("by closing without an answer", async () => {
    const endpoint = await started({ behaviour: { kind: "close" } });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toBe("");
  });

  test.each([
    { answer: { body: "12345678" }, ends: /content-length: 8\r\n\r\n1234$/ },
    { answer: { body: "12345678", chunked: true }, ends: /chunked\r\n\r\n4\r\n1234\r\n$/ },
  ])("by ending the connection inside the body of $answer", async ({ answer, ends }) => {
    const endpoint = await started({ behaviour: { kind: "truncate", answer } });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toMatch(ends);
  });

  test("with bytes that are no HTTP", async () => {
    const endpoint = await started();
    endpoint.next({ kind: "garbage" }, { kind: "garbage", bytes: "HTTP/1.1 abc\r\n\r\n" });
    for (const bytes of ["220 this is no HTTP\r\n", "HTTP/1.1 abc\r\n\r\n"]) {
      const client = dial(endpoint);
      client.send(GET);
      expect(await client.ending()).toBe("end");
      expect(client.text()).toBe(bytes);
    }
  });

  test("by stalling before the head until it is released", async () => {
    const endpoint = await started({ behaviour: { kind: "stall", at: "before-head", answer: { body: "late" } } });
    const clients = [dial(endpoint), dial(endpoint)];
    for (const client of clients) client.send(GET);
    await endpoint.stalled(2);
    expect(clients.map((client) => client.text())).toEqual(["", ""]);
    endpoint.release();
    await Promise.all(clients.map((client) => client.shows("late")));
    clients[0]?.send(GET); // a release is for those that wait, not for those to come
    await endpoint.stalled();
    expect(endpoint.requests).toHaveLength(3);
  });

  test("by stalling inside the body until it is released", async () => {
    const endpoint = await started({ behaviour: { kind: "stall", at: "inside-body", answer: { body: "12345678" } } });
    const client = dial(endpoint);
    client.send(GET);
    await endpoint.stalled();
    await client.shows("\r\n\r\n1234");
    endpoint.release();
    await client.shows("\r\n\r\n12345678");
  });

  test("by hanging: it takes what comes and notices who gives up", async () => {
    const endpoint = await started();
    endpoint.next({ kind: "hang" });
    const client = dial(endpoint);
    client.send(GET.repeat(1_000));
    await endpoint.connected();
    client.close();
    await endpoint.allClosed();
    expect(endpoint.requests).toHaveLength(0);
  });

  test("by hanging on the connections it has, when that becomes the default", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
    endpoint.always({ kind: "hang" });
    client.send(GET);
    await endpoint.requestCount(2);
    client.close();
    await endpoint.allClosed();
  });

  test("by lying about its length", async () => {
    const endpoint = await started({
      behaviour: { headers: { "Content-Length": "100" }, body: "short", thenClose: true },
    });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toMatch(/Content-Length: 100\r\n.*\r\n\r\nshort$/s);
    expect(client.text()).not.toContain("content-length");
  });
});

describe("a fake endpoint closes connections", () => {
  test("after an answer, without having said so", async () => {
    const endpoint = await started();
    endpoint.next({ thenClose: true });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("end");
    expect(client.text()).not.toContain("connection: close");
  });

  test("that are idle, and leaves those with a request under way", async () => {
    const endpoint = await started();
    const [idle, busy] = [dial(endpoint), dial(endpoint)];
    idle.send(GET);
    await idle.shows("200 OK");
    endpoint.next({ kind: "stall", at: "before-head" });
    busy.send(GET);
    await endpoint.stalled();
    endpoint.closeIdle();
    expect(await idle.ending()).toBe("end");
    endpoint.release();
    await busy.shows("200 OK");
  });

  test("with a reset, when the next request was on its way already", async () => {
    const endpoint = await started();
    const client = dial(endpoint, { allowHalfOpen: true });
    client.send(GET);
    await client.shows("200 OK");
    endpoint.closeIdle();
    expect(await client.ending()).toBe("end");
    client.send(GET); // half-open on this side: only a reset ends the connection
    await endpoint.allClosed();
    expect(endpoint.requests).toHaveLength(1);
  });

  test("once they have been idle for keepAliveMs on its timer", async () => {
    const timer = fakeTime();
    const endpoint = await started({ timer, keepAliveMs: 5_000 });
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
    await timer.advance(4_999);
    client.send(GET);
    await endpoint.requestCount(2);
    await timer.advance(5_000);
    expect(await client.ending()).toBe("end");
    expect(timer.pending()).toBe(0);
  });

  test.each(["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nConnection: Close\r\n\r\n"])(
    "when the client does not want to keep them: %j",
    async (request) => {
      const client = dial(await started());
      client.send(request);
      expect(await client.ending()).toBe("end");
      expect(client.text()).toContain("connection: close");
    },
  );
});

describe("a fake endpoint goes and comes back", () => {
  test("refuses connections, resets those it has, and comes back on the same port", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
    await endpoint.refuse();
    await endpoint.refuse();
    expect(await client.ending()).toBe("ECONNRESET");
    expect(await dial(endpoint).ending()).toBe("ECONNREFUSED");
    await endpoint.comeBack();
    await endpoint.comeBack();
    const again = dial(endpoint);
    again.send(GET);
    await again.shows('"request":2');
  });

  test("refuses new connections only, when it keeps those it has", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    await endpoint.connected();
    await endpoint.refuse({ keepConnections: true });
    expect(await dial(endpoint).ending()).toBe("ECONNREFUSED");
    client.send(GET);
    await client.shows("200 OK");
  });

  test("ends its connections, delays and waits when it is closed, and stays closed", async () => {
    const timer = fakeTime();
    const endpoint = await started({ timer, name: "orders-1" });
    endpoint.next({ delayMs: 1_000 }, { kind: "stall", at: "before-head" });
    const clients = [dial(endpoint), dial(endpoint), dial(endpoint)];
    for (const client of clients.slice(0, 2)) client.send(GET);
    await endpoint.requestCount(2);
    await endpoint.connected(3);
    const waiting = expect(endpoint.requestCount(9)).rejects.toThrow(
      "endpoint orders-1 was closed before this came: 9 requests; it saw 2 requests on 3 connections",
    );
    await Promise.all([endpoint.close(), endpoint.close()]);
    await waiting;
    expect(await Promise.all(clients.map((client) => client.ending()))).toEqual(Array(3).fill("ECONNRESET"));
    expect(timer.pending()).toBe(0);
    expect(endpoint.openConnections).toBe(0);
    await expect(endpoint.comeBack()).rejects.toThrow("closed");
    expect(await dial(endpoint).ending()).toBe("ECONNREFUSED");
  });

  test("ends a wait with its signal", async () => {
    const endpoint = await started();
    await expect(endpoint.connected(1, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  });

  test("says what a registry would say of it", async () => {
    const endpoint = await started({ name: "orders-1", endpoint: { weight: 3, tags: ["v2"] } });
    const { host, port } = endpoint;
    expect(endpoint.asEndpoint()).toMatchObject({
      id: "orders-1",
      host,
      port,
      weight: 3,
      tags: ["v2"],
      state: "passing",
    });
    expect((await started()).asEndpoint().id).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test("says so when its address is taken", async () => {
    const { port } = await started();
    await expect(fakeEndpoint({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

describe("fake endpoints", () => {
  test("come several at once, each with its name", async () => {
    await using endpoints = await fakeEndpoints(3, { behaviour: { body: "x" } });
    expect(endpoints.asEndpoints().map(({ id }) => id)).toEqual(["endpoint-1", "endpoint-2", "endpoint-3"]);
    const client = dial(endpoints.at(1));
    client.send(GET);
    await client.shows("x-fake-endpoint: endpoint-2");
    expect(endpoints.requestCount()).toBe(1);
    expect(() => endpoints.at(3)).toThrow("there is no endpoint 3: 3 were started");
  });
});

async function started(options?: FakeEndpointOptions): Promise<FakeEndpoint> {
  const endpoint = await fakeEndpoint(options);
  opened.push(endpoint);
  return endpoint;
}

interface RawClient {
  send(bytes: string): void;
  text(): string;
  /** What follows the first head, parsed. */
  json(): unknown;
  /** Resolves when the text received contains `part`. */
  shows(part: string): Promise<void>;
  /** Resolves when the endpoint ends the connection: `end` or the error's code. Each is told once. */
  ending(): Promise<string>;
  close(): void;
}

function dial({ host, port }: FakeEndpoint, options: { allowHalfOpen?: boolean } = {}): RawClient {
  const socket = connect({ host, port, ...options });
  const { until, check } = waits();
  const endings: string[] = [];
  let received = "";
  socket.on("data", (bytes) => {
    received += String(bytes);
    check();
  });
  socket.on("end", () => {
    endings.push("end");
    check();
  });
  socket.on("error", (error) => {
    endings.push("code" in error ? String(error.code) : error.message);
    check();
  });
  return {
    send: (bytes) => void socket.write(bytes),
    text: () => received,
    json: () => JSON.parse(received.slice(received.indexOf("\r\n\r\n"))),
    shows: (part) => until(part, () => received.includes(part)),
    async ending() {
      let ending: string | undefined;
      await until("the connection's end", () => (ending = endings.shift()) !== undefined);
      return ending ?? "none";
    },
    close: () => void socket.destroy(),
  };
}
