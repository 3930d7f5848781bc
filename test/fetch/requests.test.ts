import { afterAll, beforeAll, describe, test } from "vitest";
import { expectNoDifference, type Route } from "./compare.ts";
import { type Answer, type RawServer, rawServer } from "./raw-server.ts";

let server: RawServer;
beforeAll(async () => {
  server = await rawServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const fine: Answer = (socket, _turn, { lines }) => {
  socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n${lines[0]?.startsWith("HEAD ") ? "" : "body"}`);
};

interface Case {
  readonly what: string;
  readonly route: Route;
  /** Made anew for each side: bodies can be read once. What it says need not be right. */
  readonly init: () => unknown;
}

const fast = (what: string, init: () => unknown): Case => ({ what, init, route: "fast" });
const rare = (what: string, init: () => unknown): Case => ({ what, init, route: "built-in" });
const post = (body: unknown, more: object = {}) => ({ method: "POST", body, ...more });

const inits: readonly Case[] = [
  fast("nothing", () => undefined),
  fast("null", () => null),
  fast("an empty init", () => ({})),
  fast("members that are undefined", () => ({
    method: undefined,
    headers: undefined,
    body: undefined,
    signal: undefined,
  })),
  fast("a null signal and a null body", () => ({ signal: null, body: null })),
  fast("what is the default anyway", () => ({ redirect: "follow", cache: "default", mode: "cors", keepalive: false })),
  fast("a member unknown to fetch", () => ({ next: { revalidate: 1 } })),
  ...[
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "get",
    "head",
    "post",
    "put",
    "delete",
    "options",
  ].map((m) => fast(`method ${m}`, () => ({ method: m }))),
  ...["patch", "Get", "QUERY", "query", "FOO", "foo", "CONNECT", "trace", "TRACK", "a b", "", 7, null].map((m) =>
    rare(`method ${m}`, () => ({ method: m })),
  ),
  fast("headers as a record", () => ({ headers: { "X-One": "1", "x-two": "a, b", accept: "text/html" } })),
  fast("headers as pairs", () => ({
    headers: [
      ["X-One", "1"],
      ["x-two", ""],
    ],
  })),
  fast("headers as Headers", () => ({ headers: new Headers({ "x-one": "1", "x-two": "2" }) })),
  fast("empty headers", () => ({ headers: {} })),
  fast("headers in latin 1", () => ({ headers: { "x-a": "caf\xe9" } })),
  ...["User-Agent", "accept", "Accept-Encoding", "accept-language", "content-type", "cookie", "authorization"].map(
    (name) => fast(`its own ${name}`, () => ({ headers: { [name]: "x" } })),
  ),
  ...[
    "range",
    "if-none-match",
    "If-Modified-Since",
    "host",
    "connection",
    "transfer-encoding",
    "upgrade",
    "expect",
  ].map((name) => rare(`its own ${name}`, () => ({ headers: { [name]: "x" } }))),
  rare("a right content-length", () => post("abc", { headers: { "content-length": "3" } })),
  rare("a wrong content-length", () => post("abc", { headers: { "content-length": "4" } })),
  rare("sec-fetch-mode", () => ({ headers: { "Sec-Fetch-Mode": "x" } })),
  rare("a name twice", () => ({
    headers: [
      ["a", "1"],
      ["A", "2"],
    ],
  })),
  rare("a name twice in a record", () => ({ headers: { a: "1", A: "2" } })),
  rare("two cookies", () => ({
    headers: [
      ["cookie", "a=1"],
      ["cookie", "b=2"],
    ],
  })),
  rare("a value to trim", () => ({ headers: { "x-a": " x\t" } })),
  rare("a value that is a number", () => ({ headers: { "x-a": 7 } })),
  rare("a value that is undefined", () => ({ headers: { "x-a": undefined } })),
  rare("a value with a line end", () => ({ headers: { "x-a": "a\r\nb: c" } })),
  rare("a value past latin 1", () => ({ headers: { "x-a": "€" } })),
  rare("a name that is none", () => ({ headers: { "x a": "1" } })),
  rare("a name that is a number", () => ({ headers: { b: "1", 1: "2" } })),
  rare("an empty name", () => ({ headers: { "": "1" } })),
  rare("a pair of three", () => ({ headers: [["a", "b", "c"]] })),
  rare("headers as a Map", () => ({ headers: new Map([["a", "b"]]) })),
  rare("headers that are null", () => ({ headers: null })),
  rare("headers that are a string", () => ({ headers: "a: b" })),
  fast("text", () => post("hello")),
  fast("text past latin 1", () => post("€ ü \u{1f600}")),
  fast("text with half a surrogate", () => post("a\ud800b")),
  fast("text with a type", () => post("{}", { headers: { "Content-Type": "application/json" } })),
  fast("a long text", () => post("0123456789".repeat(30_000))),
  fast("bytes", () => post(new Uint8Array([1, 2, 3]))),
  fast("some of the bytes", () => post(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))),
  fast("a Buffer", () => post(Buffer.from("abc"))),
  fast("a DataView", () => post(new DataView(new ArrayBuffer(4), 1))),
  fast("an ArrayBuffer", () => post(new ArrayBuffer(5))),
  fast("URLSearchParams", () => post(new URLSearchParams({ a: "b c", ü: "€" }))),
  fast("a body to PATCH", () => ({ method: "PATCH", body: "x" })),
  fast("a body to DELETE", () => ({ method: "DELETE", body: "x" })),
  fast("a body to OPTIONS", () => ({ method: "OPTIONS", body: "x" })),
  fast("a body to PUT with half duplex", () => ({ method: "PUT", body: "x", duplex: "half" })),
  rare("an empty text", () => post("")),
  rare("no bytes", () => post(new Uint8Array(0))),
  rare("empty URLSearchParams", () => post(new URLSearchParams())),
  rare("a body to GET", () => ({ body: "x" })),
  rare("an empty body to HEAD", () => ({ method: "HEAD", body: "" })),
  rare("a Blob", () => post(new Blob(["abc"], { type: "text/x" }))),
  rare("a stream", () => post(new Blob(["abc"]).stream(), { duplex: "half" })),
  rare("a stream without duplex", () => post(new Blob(["abc"]).stream())),
  rare("a generator", () =>
    post(
      (async function* () {
        yield Buffer.from("abc");
      })(),
      { duplex: "half" },
    ),
  ),
  rare("a number", () => post(7)),
  rare("an object", () => post({ a: 1 })),
  rare("shared memory", () => post(new Uint8Array(new SharedArrayBuffer(3)))),
  ...["manual", "error", "nonsense"].map((redirect) => rare(`redirect ${redirect}`, () => ({ redirect }))),
  ...["omit", "include", "nonsense"].map((credentials) => rare(`credentials ${credentials}`, () => ({ credentials }))),
  ...["no-cors", "same-origin", "navigate"].map((mode) => rare(`mode ${mode}`, () => ({ mode }))),
  ...["no-store", "reload", "no-cache", "force-cache", "only-if-cached"].map((cache) =>
    rare(`cache ${cache}`, () => ({ cache })),
  ),
  rare("integrity that holds", () => ({ integrity: "sha256-Iw2D1Wi3Vwh9KKTyKRBVUzYKMBC8wqqZx+UGVFhAizg=" })),
  rare("integrity that fails", () => ({ integrity: "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" })),
  rare("a referrer", () => ({ referrer: "http://else.where/" })),
  rare("keepalive", () => ({ keepalive: true })),
  rare("window", () => ({ window: null })),
  rare("a signal that is none", () => ({ signal: {} })),
  rare("an init that is a number", () => 7),
  rare("an init that is a Request", () => new Request("http://a/", { method: "PUT", headers: { "x-a": "1" } })),
  rare(
    "an init of a class",
    () =>
      new (class Init {
        method = "POST";
        get body() {
          return "x";
        }
      })(),
  ),
];

describe("nobody can tell the requests apart, given", () => {
  test.each(inits)("$what", async ({ init, route }) => {
    // The init may be of any type: saying so is the point.
    await expectNoDifference(server, fine, (f, origin) => f(`${origin}/`, init() as RequestInit), route);
  });
});

const inputs: readonly { what: string; route: Route; input: (origin: string) => unknown }[] = [
  { what: "a URL object", route: "fast", input: (o) => new URL(`${o}/a?b#c`) },
  { what: "no path", route: "fast", input: (o) => o },
  { what: "a lone question mark", route: "fast", input: (o) => `${o}/a?` },
  { what: "a lone hash", route: "built-in", input: (o) => `${o}/a#` },
  { what: "a lone question mark and a hash", route: "built-in", input: (o) => `${o}/a?#` },
  { what: "characters to escape", route: "fast", input: (o) => `${o}/ü ö/"'<>?q=ä b&c="#f` },
  { what: "escapes", route: "fast", input: (o) => `${o}/%2f%zz/../b/./c;d` },
  { what: "white space around", route: "fast", input: (o) => `  ${o}/a\n ` },
  { what: "a scheme in capitals", route: "fast", input: (o) => o.replace("http", "HTTP") },
  { what: "a name", route: "fast", input: (o) => o.replace("127.0.0.1", "LOCALHOST") },
  { what: "a Request", route: "built-in", input: (o) => new Request(o, { method: "POST", body: "x" }) },
  { what: "a Request with a referrer", route: "built-in", input: (o) => new Request(o, { referrer: "http://a/b" }) },
  { what: "credentials", route: "built-in", input: (o) => o.replace("//", "//me:secret@") },
  { what: "a relative URL", route: "built-in", input: () => "/a" },
  { what: "another scheme", route: "built-in", input: () => "ftp://a/b" },
  { what: "a data URL", route: "built-in", input: () => "data:text/plain,hi" },
  { what: "about:blank", route: "built-in", input: () => "about:blank" },
  { what: "a blob URL of nothing", route: "built-in", input: () => "blob:nodedata:x" },
  { what: "a port fetch refuses", route: "built-in", input: () => "http://127.0.0.1:6000/" },
  { what: "a port that is none", route: "built-in", input: () => "http://a:99999/" },
  { what: "a host that is none", route: "built-in", input: () => "http://a b/" },
  { what: "undefined", route: "built-in", input: () => undefined },
  { what: "an object with toString", route: "built-in", input: (o) => ({ toString: () => o }) },
  { what: "a port that refuses", route: "fast", input: () => "http://127.0.0.1:39999/" },
];

describe("nobody can tell the calls apart, called with", () => {
  test.each(inputs)("$what", async ({ input, route }) => {
    await expectNoDifference(server, fine, (f, origin) => f(input(origin) as string), route);
  });
});
