import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer, connect, type Server, type Socket } from "node:net";
import { createMesh, type Mesh } from "@weft/client";
import { Client, type Dispatcher } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * Requests that are like most go to endpoints by connections of ours, all others by undici's. Nobody can tell: the same
 * bytes arrive at the endpoint, and the handler hears the same.
 */

let server: Server;
let mesh: Mesh<string>;
let client: Client;
/** What the endpoint got, a text for each request, and what it says to the next. */
let received: string[] = [];
let answer: { readonly text: string; readonly thenEnd: boolean };
const sockets = new Set<Socket>();

beforeAll(async () => {
  server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      if (!isWhole(text)) return;
      received.push(text.replace(DEADLINE, ""));
      text = "";
      const { text: said, thenEnd } = answer;
      if (thenEnd) socket.end(said, "latin1");
      else socket.write(said, "latin1");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  mesh = createMesh({
    registry: { orders: [`127.0.0.1:${port}`] },
    services: { orders: { timeout: { total: "20s", attempt: "20s" }, retry: "off", outliers: "off" } },
  });
  client = new Client("http://orders", {
    pipelining: 1,
    connect: (_options, callback) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => callback(null, socket));
    },
  });
});

afterAll(async () => {
  await Promise.all([mesh.close(), client.destroy()]);
  for (const socket of sockets) socket.destroy();
  server.close();
});

type Options = Omit<Dispatcher.DispatchOptions, "origin">;

/** The one header that the mesh adds of its own. */
const DEADLINE = /x-request-deadline-ms: \d+\r\n/;
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

describe("a request arrives as undici sends it", () => {
  const get = { path: "/v1/orders?a=%20b", method: "GET" } as const;
  const post = { path: "/", method: "POST" } as const;
  const requests: readonly (readonly [string, () => object])[] = [
    ["a GET", () => get],
    ["headers as an object", () => ({ ...get, headers: { Accept: "text/plain", "x-a": "1" } })],
    ["headers in the flat form", () => ({ ...get, headers: ["Accept", "text/plain", "x-a", "1"] })],
    ["headers as pairs", () => ({ ...get, headers: new Map([["accept", "text/plain"]]) })],
    [
      "headers used up by a look at them, one of them rare",
      () => ({
        ...get,
        headers: new Map([
          ["a", "1"],
          ["connection", "close"],
        ]).entries(),
      }),
    ],
    ["headers as a generator", () => ({ ...get, headers: new Headers({ accept: "text/plain" }).entries() })],
    ["an inherited header", () => ({ ...get, headers: Object.create({ "x-inherited": "1" }) as object })],
    ["several values of a name", () => ({ ...get, headers: { "x-a": ["1", "2"], cookie: ["a=1", "b=2"] } })],
    ["a number, null, true and nothing", () => ({ ...get, headers: { a: 1, b: null, c: true, d: undefined, e: "" } })],
    ["numbers among several values", () => ({ ...get, headers: { a: ["1", 2, null] } })],
    ["bytes above 127", () => ({ ...get, headers: { a: "caf\u00e9" } })],
    ["characters beyond a byte", () => ({ ...get, headers: { a: "\u20ac" } })],
    ["a line end in a value", () => ({ ...get, headers: { a: "1\r\nb: 2" } })],
    ["a line end in the path", () => ({ ...get, path: "/a\r\nb: 2" })],
    ["a blank in the path", () => ({ ...get, path: "/a b" })],
    ["a path above 127", () => ({ ...get, path: "/caf\u00e9" })],
    ["no path at all", () => ({ ...get, path: "orders" })],
    ["a name that is no token", () => ({ ...get, headers: { "a b": "1" } })],
    ["an object for a value", () => ({ ...get, headers: { a: {} } })],
    ["an odd list", () => ({ ...get, headers: ["a"] })],
    ["a text for headers", () => ({ ...get, headers: "a: 1" })],
    ["Host", () => ({ ...get, headers: { Host: "elsewhere:81" } })],
    ["an empty Host", () => ({ ...get, headers: { host: "" } })],
    ["Host twice", () => ({ ...get, headers: ["host", "a", "host", "b"] })],
    ["Connection: close", () => ({ ...get, headers: { connection: "close" } })],
    ["Expect", () => ({ ...post, body: "a", headers: { expect: "100-continue" } })],
    ["Keep-Alive", () => ({ ...get, headers: { "keep-alive": "timeout=1" } })],
    ["Transfer-Encoding", () => ({ ...post, body: "a", headers: { "Transfer-Encoding": "chunked" } })],
    ["Upgrade", () => ({ ...get, headers: { upgrade: "websocket" } })],
    ["a length of 0 without a body", () => ({ ...get, headers: { "content-length": "0" } })],
    ["a length and no body", () => ({ ...get, headers: { "content-length": "5" } })],
    ["POST without a body", () => post],
    ["POST with an empty body", () => ({ ...post, body: "" })],
    ["POST with a text", () => ({ ...post, body: "caf\u00e9 \u20ac", headers: { "content-type": "text/plain" } })],
    ["POST with a Buffer", () => ({ ...post, body: Buffer.from([0, 255, 128]) })],
    ["POST with bytes", () => ({ ...post, body: new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2) })],
    ["POST with an ArrayBuffer", () => ({ ...post, body: new Uint8Array([1, 2, 3]).buffer })],
    ["POST with pieces", () => ({ ...post, body: [Buffer.from("a"), Buffer.from("b")] })],
    ["POST with a Blob", () => ({ ...post, body: new Blob(["abc"], { type: "text/x" }) })],
    ["POST with 9 KiB", () => ({ ...post, body: "x".repeat(9_000) })],
    ["POST with 100 KiB", () => ({ ...post, body: Buffer.alloc(100_000, "x") })],
    ["POST with its length", () => ({ ...post, body: "abc", headers: { "Content-Length": "3" } })],
    ["POST with its length as a number", () => ({ ...post, body: "abc", headers: { "Content-Length": 3 } })],
    ["POST with another length", () => ({ ...post, body: "abc", headers: { "Content-Length": "4" } })],
    ["POST with a length that is none", () => ({ ...post, body: "abc", headers: { "Content-Length": "+3" } })],
    [
      "POST with two lengths",
      () => ({ ...post, body: "abc", headers: ["content-length", "3", "Content-Length", "3"] }),
    ],
    ["PUT", () => ({ ...post, method: "PUT", body: "a" })],
    ["PATCH", () => ({ ...post, method: "PATCH", body: "a" })],
    ["DELETE", () => ({ ...get, method: "DELETE" })],
    ["DELETE with a body", () => ({ ...get, method: "DELETE", body: "a" })],
    ["OPTIONS", () => ({ ...get, method: "OPTIONS" })],
    ["a method of one's own", () => ({ ...get, method: "PROPFIND" })],
    ["a method in lower case", () => ({ ...get, method: "get" })],
    ["a method that is none", () => ({ ...get, method: "G T" })],
    ["a query beside the path", () => ({ path: "/", method: "GET", query: { a: "b c" } })],
    ["reset", () => ({ ...get, reset: true })],
    ["timeouts of its own", () => ({ ...get, headersTimeout: 5_000, bodyTimeout: 5_000 })],
    ["an option that undici's own fetch gives", () => ({ ...get, maxRedirections: 0 })],
    ["an option that is gone", () => ({ ...get, throwOnError: true })],
    ["options that change nothing", () => ({ ...get, blocking: true, idempotent: true, upgrade: null, query: null })],
  ];

  test.each(requests)("%s", async (_, make) => {
    answer = { text: OK, thenEnd: false };
    received = [];
    const theirs = await dispatched(client, make() as Options);
    const arrivedOfTheirs = received;
    received = [];
    const ours = await dispatched(mesh.dispatcher, make() as Options);
    expect(received).toEqual(arrivedOfTheirs);
    expect(ours).toEqual(theirs);
  });
});

test("headers with a getter that sends another request go out with their own", async () => {
  answer = { text: OK, thenEnd: false };
  received = [];
  let inner: Promise<Heard[]> | undefined;
  const headers = {
    a: "1",
    get b() {
      inner ??= dispatched(mesh.dispatcher, { path: "/inner", method: "GET", headers: { authorization: "secret" } });
      return "2";
    },
  };
  await dispatched(mesh.dispatcher, { path: "/outer", method: "GET", headers });
  await inner;
  const outer = received.find((text) => text.startsWith("GET /outer"));
  expect(outer).toContain("\r\na: 1\r\nb: 2\r\n");
  expect(outer).not.toContain("secret");
});

test("headers with a getter that throws fail the call with that, and leave nothing running", async () => {
  const headers = {
    get a(): string {
      throw new Error("no such secret");
    },
  };
  const heard = await dispatched(mesh.dispatcher, { path: "/", method: "GET", headers });
  expect(heard).toEqual([["error", "Error", "no such secret"]]);
  const { calls, endpoints } = mesh.stats().services["orders"]!;
  expect([calls.running, endpoints[0]?.pending]).toEqual([0, 0]);
});

/** What an endpoint says, and whether it then ends the connection. */
type Said = readonly [name: string, text: string, thenEnd?: boolean];

function said([name, text, thenEnd = false]: Said): { readonly name: string; text: string; thenEnd: boolean } {
  return { name, text, thenEnd };
}

describe("an answer is told as undici tells it", () => {
  const answers: readonly Said[] = [
    ["a length", OK],
    ["nothing", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"],
    ["no reason", "HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n"],
    ["a reason of two words", "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"],
    ["a reason above 127", "HTTP/1.1 200 caf\u00c3\u00a9\r\ncontent-length: 0\r\n\r\n"],
    ["names in capitals", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Some-Thing: A\r\n\r\nok"],
    ["white space before values", "HTTP/1.1 200 OK\r\na: \t 1 2\r\nb:2\r\nc:\r\nd: \r\ncontent-length: 0\r\n\r\n"],
    ["values above 127", "HTTP/1.1 200 OK\r\na: caf\u00e9\r\ncontent-length: 0\r\n\r\n"],
    ["a name twice", "HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\nset-cookie: a\r\nset-cookie: b\r\ncontent-length: 0\r\n\r\n"],
    ["a name three times", "HTTP/1.1 200 OK\r\na: 1\r\na: 2\r\na: 3\r\ncontent-length: 0\r\n\r\n"],
    [
      "names that objects have",
      "HTTP/1.1 200 OK\r\n__proto__: 1\r\nconstructor: 2\r\nconstructor: 3\r\ntostring: 4\r\ncontent-length: 0\r\n\r\n",
    ],
    [
      "hop-by-hop fields",
      "HTTP/1.1 200 OK\r\nConnection: keep-alive, x-a\r\nX-A: 1\r\nkeep-alive: timeout=9\r\ncontent-length: 0\r\n\r\n",
    ],
    ["Connection: close", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok", true],
    ["chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\nA;a=b\r\n0123456789\r\n0\r\n\r\n"],
    ["no chunk but the last", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["trailers", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n"],
    ["until the end", "HTTP/1.1 200 OK\r\na: 1\r\n\r\nall that comes", true],
    ["nothing until the end", "HTTP/1.1 200 OK\r\na: 1\r\n\r\n", true],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", true],
    ["204", "HTTP/1.1 204 No Content\r\na: 1\r\n\r\n"],
    ["204 with a length", "HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n"],
    ["204 with chunks", "HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n"],
    ["304 with the length of what it is not", "HTTP/1.1 304 Not Modified\r\netag: a\r\n\r\n"],
    ["a redirect", "HTTP/1.1 302 Found\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n"],
    ["an early hint", `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}`],
    ["two interim answers", `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}`],
    ["100 KiB", `HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n${"0123456789".repeat(10_000)}`],
    ["a head of 8 KiB", `HTTP/1.1 200 OK\r\na: ${"x".repeat(8_000)}\r\ncontent-length: 2\r\n\r\nok`],
    [
      "a head of 15,500 letters and 310 fields",
      `HTTP/1.1 200 OK\r\n${`a: ${"x".repeat(49)}\r\n`.repeat(310)}content-length: 0\r\n\r\n`,
    ],
    ["3,000 fields", `HTTP/1.1 200 OK\r\n${"a: 1\r\n".repeat(3_000)}content-length: 2\r\n\r\nok`],
    ["300 fields", `HTTP/1.1 200 OK\r\n${"a: 1\r\n".repeat(300)}content-length: 2\r\n\r\nok`],
  ];

  test.each(answers.map(said))("$name", async (next) => {
    answer = next;
    const theirs = await dispatched(client, { path: "/", method: "GET" });
    expect(await dispatched(mesh.dispatcher, { path: "/", method: "GET" })).toEqual(theirs);
    expect(theirs.at(-1)?.[0]).toBe("end");
  });

  const broken: readonly Said[] = [
    ["no HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n"],
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok"],
    ["a chunk size that is none", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n"],
    ["less than its length", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok", true],
    ["no last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", true],
    ["a head without its end", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n", true],
    ["nothing at all", "", true],
    ["101 that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"],
    ["a head beyond 32 KiB", `HTTP/1.1 200 OK\r\na: ${"x".repeat(40_000)}\r\ncontent-length: 2\r\n\r\nok`],
  ];

  test.each(broken.map(said))("broken: $name", async (next) => {
    answer = next;
    const theirs = await dispatched(client, { path: "/", method: "GET" });
    const ours = await dispatched(mesh.dispatcher, { path: "/", method: "GET" });
    expect(theirs.at(-1)?.[0]).toBe("error");
    expect(ours.map(([what]) => what)).toEqual(theirs.map(([what]) => what));
  });
});

/** What the sidecar refuses, too, for another reader may read it differently (RFC 9112); undici takes it. */
const STRICTER: readonly Said[] = [
  ["a coding besides chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"],
  ["a coding that is not chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\nok", true],
  ["chunks of HTTP/1.0", "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", true],
  ["a status above 599", "HTTP/1.1 600 What\r\ncontent-length: 0\r\n\r\n"],
  ["another version", "HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n"],
  ["an empty line first", "\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"],
  ["a Connection that names its framing", "HTTP/1.1 200 OK\r\nconnection: content-length\r\ncontent-length: 0\r\n\r\n"],
  ["a Connection that is no list", "HTTP/1.1 200 OK\r\nconnection: keep alive\r\ncontent-length: 0\r\n\r\n"],
];

test.each(STRICTER.map(said))("an answer with $name is refused, though undici takes it", async (next) => {
  answer = next;
  expect((await dispatched(client, { path: "/", method: "GET" })).at(-1)?.[0]).toBe("end");
  expect(await dispatched(mesh.dispatcher, { path: "/", method: "GET" })).toMatchObject([
    ["error", "MeshError", expect.stringContaining("the answer is no HTTP response")],
  ]);
});

test("while somebody listens to undici's diagnostics channels, undici sends every request", async () => {
  answer = { text: OK, thenEnd: false };
  const paths: string[] = [];
  const listener = (message: unknown): void => void paths.push((message as { request: { path: string } }).request.path); // of undici's documentation
  await dispatched(mesh.dispatcher, { path: "/before", method: "GET" });
  subscribe("undici:request:create", listener);
  try {
    await dispatched(mesh.dispatcher, { path: "/during", method: "GET" });
  } finally {
    unsubscribe("undici:request:create", listener);
  }
  await dispatched(mesh.dispatcher, { path: "/after", method: "GET" });
  expect(paths).toEqual(["/during"]);
});

type Heard = readonly [what: string, ...told: unknown[]];

/** What a handler hears of a request; pieces of the body as one. An error of the mesh has that of undici for a cause. */
function dispatched(dispatcher: Dispatcher, options: Options): Promise<Heard[]> {
  const { promise, resolve } = Promise.withResolvers<Heard[]>();
  const heard: Heard[] = [];
  let body = "";
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart() {}, // of the mesh it comes at once, before there is a connection
    onResponseStart(controller, status, headers, message) {
      const raw = controller.rawHeaders;
      heard.push([
        "head",
        status,
        message,
        { ...headers },
        Object.keys(headers),
        Array.isArray(raw) ? raw.map(String) : raw,
      ]);
    },
    onResponseData: (_controller, chunk) => void (body += chunk.toString("latin1")),
    onResponseEnd(controller, trailers) {
      const raw = controller.rawTrailers;
      heard.push(["end", body, { ...trailers }, Array.isArray(raw) ? raw.map(String) : raw]);
      resolve(heard);
    },
    onResponseError(_controller, error) {
      heard.push(["error", error.name, error.message]);
      resolve(heard);
    },
  };
  try {
    dispatcher.dispatch({ ...options, origin: "http://orders" }, handler);
  } catch (error) {
    heard.push(["error", (error as Error).name, (error as Error).message]);
    resolve(heard);
  }
  return promise;
}

/** Whether all of a request is here. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = text.slice(0, end).toLowerCase();
  if (head.includes("transfer-encoding: chunked")) return text.endsWith("\r\n0\r\n\r\n");
  const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
  return text.length >= end + 4 + length;
}
