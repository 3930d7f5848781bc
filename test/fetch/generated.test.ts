import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededRandom } from "@weft/testkit";
import { bothSides } from "./compare.ts";
import type { Reading } from "./observe.ts";
import { type RawServer, rawServer } from "./raw-server.ts";

/*
 * Combinations nobody thought of: a request and an answer drawn part by part. The seed is fixed, so a failure names a
 * number that fails again.
 */
let server: RawServer;
beforeAll(async () => {
  server = await rawServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const random = seededRandom(7);
function one<T>(of: readonly T[]): T {
  // `below` gives an index of the array, and none of ours is empty.
  return of[random.below(of.length)] as T;
}

const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "get", "patch", undefined];
const headers = [
  undefined,
  {},
  { "X-A": "1" },
  { "X-A": "1", Accept: "b" },
  new Headers({ "x-a": "1" }),
  { range: "x" },
];
const bodies = [
  undefined,
  null,
  undefined,
  "text",
  "",
  Buffer.from("bytes"),
  new URLSearchParams("a=b"),
  new Blob(["b"]),
];
const redirects = [undefined, undefined, "follow", "manual", "error"] as const;
const signals = [undefined, new AbortController().signal];
const statuses = [200, 200, 200, 201, 204, 206, 301, 303, 304, 307, 401, 404, 500, 600];
const fields = ["", "x-a: 1\r\n", "set-cookie: a\r\nset-cookie: b\r\n", "content-type: text/x\r\n", "location: /b\r\n"];
const contents = ["", "body", "0123456789".repeat(9_000), '{"a":1}'];
const framings = ["length", "chunked", "end"] as const;
const cuts = [1, 1, 1, 1, 0.5];
const readings: readonly Reading[] = ["text", "json", "bytes", "chunks", "clone", "blob", "byob"];

test.each(Array.from({ length: 300 }, (_, at) => at))("nobody can tell in combination %i", async () => {
  const init = {
    method: one(methods),
    headers: one(headers),
    body: one(bodies),
    redirect: one(redirects),
    signal: one(signals),
  } as RequestInit; // undefined stands for absent, as it does to fetch
  const status = one(statuses);
  const zipped = random.below(5) === 0;
  const extra = one(fields) + (zipped ? "content-encoding: gzip\r\n" : "");
  const plain = one(contents);
  const content = zipped ? gzipSync(plain) : Buffer.from(plain);
  const framing = one(framings);
  const cut = one(cuts);
  const reading = one(readings);
  // A cut behind the head comes when the caller has its response: before that, the built-in fetch may tell of either.
  const cutting: Socket[] = [];

  const { theirs, ours } = await bothSides(
    server,
    (socket, turn, { lines }) => {
      const bodiless = lines[0]?.startsWith("HEAD ") === true || status === 204 || status === 304;
      const answer =
        turn === 0 ? whole(status, extra, framing, content, bodiless) : whole(200, "", "length", content, bodiless);
      const cutAt = turn === 0 && !bodiless ? Math.ceil(answer.length * cut) : answer.length;
      socket.write(answer.subarray(0, cutAt));
      if (cutAt < answer.length && cutAt >= answer.indexOf("\r\n\r\n") + 4) cutting.push(socket);
      else if (cutAt < answer.length || framing === "end") socket.end();
    },
    (f, origin) =>
      f(`${origin}/a?b`, init).finally(() => {
        for (const socket of cutting.splice(0)) socket.end();
      }),
    reading,
  );
  expect(ours.observation).toEqual(theirs.observation);
  expect(ours.seen).toEqual(theirs.seen);
});

function whole(status: number, extra: string, framing: string, content: Buffer, bodiless: boolean): Buffer {
  const head = `HTTP/1.1 ${status} Some Reason\r\n${extra}`;
  if (bodiless) return Buffer.from(`${head}\r\n`);
  if (framing === "length")
    return Buffer.concat([Buffer.from(`${head}content-length: ${content.length}\r\n\r\n`), content]);
  if (framing === "end") return Buffer.concat([Buffer.from(`${head}connection: close\r\n\r\n`), content]);
  const size = content.length === 0 ? "" : `${content.length.toString(16)}\r\n`;
  const start = Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n${size}`);
  return Buffer.concat([start, content, Buffer.from(`${size === "" ? "" : "\r\n"}0\r\n\r\n`)]);
}
