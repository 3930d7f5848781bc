import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, test } from "vitest";
import { expectNoDifference, type Route } from "./compare.ts";
import type { Reading } from "./observe.ts";
import { type RawServer, rawServer } from "./raw-server.ts";

let server: RawServer;
beforeAll(async () => {
  server = await rawServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const long = "0123456789".repeat(30_000);
const chunked = (...parts: string[]) =>
  `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${[...parts, ""].map((p) => `${Buffer.byteLength(p).toString(16)}\r\n${p}\r\n`).join("")}`;
const ok = (headers: string, body = "body") =>
  `HTTP/1.1 200 OK\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

interface Case {
  readonly what: string;
  /** Written one after the other, each in a turn of its own. */
  readonly wire: readonly (string | Buffer)[];
  readonly then?: "end" | "reset";
  readonly method?: string;
  readonly route?: Route;
}

/** A body with codings. */
function encoded(what: string, coding: string, body: Buffer, method?: string): Case {
  const head = `HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return {
    what,
    wire: [Buffer.concat([Buffer.from(head), body])],
    route: "handed over",
    ...(method ? { method } : {}),
  };
}

const cases: readonly Case[] = [
  { what: "a small body with its head", wire: [ok("content-type: text/plain\r\n")] },
  { what: "an empty body", wire: [ok("", "")] },
  { what: "a long body", wire: [ok("", long)] },
  { what: "a body apart from its head", wire: ["HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n", "body"] },
  { what: "a body in pieces", wire: ["HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nab", "cd", "ef", "gh"] },
  { what: "a chunked body", wire: [chunked("one", "two", "three")] },
  { what: "a long chunked body", wire: [chunked(long, long)] },
  { what: "a chunked body in pieces", wire: [...chunked("one", "two")].map(String) },
  { what: "an empty chunked body", wire: [chunked()] },
  { what: "trailers", wire: [chunked("one").replace(/\r\n$/, "x-t: 1\r\n\r\n")] },
  { what: "a body up to the end of the connection", wire: ["HTTP/1.1 200 OK\r\n\r\nbo", "dy"], then: "end" },
  { what: "HTTP/1.0", wire: ["HTTP/1.0 200 OK\r\n\r\nbody"], then: "end" },
  { what: "connection: close", wire: [ok("connection: close\r\n")], then: "end" },
  { what: "103 before the answer", wire: ["HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", ok("")] },
  { what: "100 and 102 before the answer", wire: ["HTTP/1.1 102 P\r\n\r\n", ok("")] },
  { what: "204", wire: ["HTTP/1.1 204 No Content\r\nx-a: 1\r\n\r\n"] },
  { what: "205", wire: ["HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n"] },
  { what: "304 with a length", wire: ["HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\netag: x\r\n\r\n"] },
  { what: "the answer to HEAD", wire: ["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"], method: "HEAD" },
  { what: "an encoded answer to HEAD", wire: ["HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n"], method: "HEAD" },
  ...[201, 203, 206, 226, 300, 304, 305, 306, 400, 401, 404, 418, 429, 500, 503, 599].map((status) => ({
    what: `status ${status}`,
    wire: [
      `HTTP/1.1 ${status} Why Not\r\ncontent-length: ${status === 304 ? 0 : 2}\r\n\r\n${status === 304 ? "" : "no"}`,
    ],
  })),
  { what: "status 600", wire: ["HTTP/1.1 600 Odd\r\ncontent-length: 0\r\n\r\n"], route: "handed over" },
  { what: "status 999", wire: ["HTTP/1.1 999 Odd\r\ncontent-length: 1\r\n\r\nx"], route: "handed over" },
  { what: "407", wire: ["HTTP/1.1 407 P\r\ncontent-length: 0\r\n\r\n"], route: "handed over" },
  { what: "421", wire: ["HTTP/1.1 421 M\r\ncontent-length: 0\r\n\r\n"], route: "handed over" },
  { what: "no reason phrase", wire: ["HTTP/1.1 200 \r\ncontent-length: 1\r\n\r\nx"] },
  { what: "a reason phrase of its own", wire: ["HTTP/1.1 200 All is well, really\r\ncontent-length: 1\r\n\r\nx"] },
  {
    what: "a reason phrase in latin 1",
    wire: [Buffer.from("HTTP/1.1 200 Tr\xe8s bien\r\ncontent-length: 1\r\n\r\nx", "latin1")],
    route: "handed over",
  },
  { what: "cookies", wire: [ok("set-cookie: a=1\r\nSet-Cookie: b=2\r\nset-cookie: c=3, d\r\n")] },
  { what: "one cookie", wire: [ok("set-cookie: a=1; Expires=Thu, 26 Nov 2026 08:00:00 GMT\r\n")] },
  { what: "headers twice, out of order", wire: [ok("x-b: 1\r\nX-A: 2\r\nX-B: 3\r\nvary: a\r\nVary: b\r\n")] },
  { what: "a header without value", wire: [ok("x-a:\r\nx-b:   spaced out\r\n")] },
  { what: "a header in latin 1", wire: [Buffer.from(ok("x-a: caf\xe9\r\n"), "latin1")] },
  { what: "a header in UTF-8", wire: [Buffer.from(ok("x-a: café €\r\n"), "utf8")] },
  { what: "two content types", wire: [ok("content-type: text/plain\r\ncontent-type: text/html\r\n")] },
  { what: "a content type for the blob", wire: [ok("content-type: Image/PNG; a=B\r\n")] },
  { what: "a broken content type", wire: [ok("content-type: ???\r\n")] },
  { what: "JSON", wire: [ok("content-type: application/json\r\n", '{"a":[1,"ü"]}')] },
  { what: "a byte order mark", wire: [ok("", "\ufeff{}")] },
  {
    what: "bytes that are no UTF-8",
    wire: [Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\xff\xfe\x00a", "latin1")],
  },
  encoded("gzip", "gzip", gzipSync(long)),
  encoded("x-gzip", "X-GZip", gzipSync("hello")),
  encoded("deflate", "deflate", deflateSync("hello")),
  encoded("raw deflate", "deflate", deflateRawSync("hello")),
  encoded("brotli", "br", brotliCompressSync("hello")),
  encoded("zstd", "zstd", zstdCompressSync("hello")),
  encoded("two codings", "gzip, br", brotliCompressSync(gzipSync("hello"))),
  encoded("six codings", "gzip, gzip, gzip, gzip, gzip, gzip", gzipSync("hello")),
  encoded("an unknown coding", "secret", Buffer.from("hello")),
  encoded("a known coding and an unknown one", "gzip, secret", Buffer.from("hello")),
  encoded("identity", "identity", Buffer.from("hello")),
  encoded("gzip of nothing", "gzip", gzipSync("")),
  encoded("gzip without a byte", "gzip", Buffer.alloc(0)),
  encoded("corrupt gzip", "gzip", Buffer.from("this is not gzip")),
  encoded("gzip that breaks off", "gzip", gzipSync(long).subarray(0, 400)),
  encoded("corrupt brotli", "br", Buffer.from("this is not brotli")),
  { what: "an encoded 204", wire: ["HTTP/1.1 204 N\r\ncontent-encoding: gzip\r\n\r\n"] },
  { what: "no answer but the end", wire: [], then: "end" },
  { what: "no answer but a reset", wire: [], then: "reset" },
  { what: "half a head", wire: ["HTTP/1.1 200 OK\r\ncontent-le"], then: "end" },
  { what: "no HTTP", wire: ["SSH-2.0-OpenSSH_9.7\r\n"], then: "end" },
  { what: "an informational head and the end", wire: ["HTTP/1.1 103 E\r\n\r\n"], then: "end" },
  { what: "a body that breaks off", wire: ["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nbody"], then: "end" },
  { what: "a body that breaks off at once", wire: ["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"], then: "end" },
  { what: "a body that is reset", wire: ["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nbody"], then: "reset" },
  {
    what: "a chunk that breaks off",
    wire: ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"],
    then: "end",
  },
  {
    what: "chunks without an end",
    wire: ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n"],
    then: "end",
  },
];

const readings: readonly Reading[] = ["text", "chunks", "clone", "bytes", "arrayBuffer", "blob", "json", "byob", "not"];

describe.each(readings)("read as %s, nobody can tell", (reading) => {
  test.each(cases)("$what", async ({ wire, then, method, route = "fast" }) => {
    // What ends behind its head ends when the caller has that: before, the built-in fetch may tell of either.
    const behindHead = /^HTTP\/1\.1 [2-5][^]*\r\n\r\n/.test(wire.map(String).join(""));
    let answered = Promise.withResolvers<void>();
    await expectNoDifference(
      server,
      async (socket) => {
        for (const part of wire) {
          if (typeof part === "string") socket.write(part, "utf8");
          else socket.write(part);
          await new Promise(setImmediate);
        }
        if (then !== undefined && behindHead) await answered.promise;
        if (then === "end") socket.end();
        if (then === "reset") socket.resetAndDestroy();
      },
      (f, origin) => {
        answered = Promise.withResolvers();
        return f(`${origin}/a?b=c#d`, method === undefined ? undefined : { method }).finally(answered.resolve);
      },
      route,
      reading,
    );
  });
});
