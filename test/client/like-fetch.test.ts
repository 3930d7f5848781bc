import { brotliCompressSync, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeError, type Reading } from "../fetch/observe.ts";
import type { Answer } from "../fetch/raw-server.ts";
import { bothFetches, type BothFetches, type Fetch } from "./both-fetches.ts";

/*
 * `mesh.fetch` beside the built-in one, all the way to an endpoint: a plain request by our own connections, a rare one
 * by undici's. test/fetch does the same for its own part, over a dispatcher of undici.
 */

let both: BothFetches;
beforeAll(async () => {
  both = await bothFetches();
});
afterAll(() => both[Symbol.asyncDispose]());

const URL_OF_ALL = "http://orders/a?b=c#d";

async function expectNoDifference(
  answer: Answer,
  call: (f: Fetch) => Promise<Response>,
  reading?: Reading,
): Promise<void> {
  const theirs = await both.side(both.builtin, answer, call, reading);
  expect(await both.side(both.ours, answer, call, reading)).toEqual(theirs);
}

const ok = (fields = "", body = "body"): string =>
  `HTTP/1.1 200 OK\r\n${fields}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const fine: Answer = (socket, _turn, { lines }) =>
  socket.write(lines[0]?.startsWith("HEAD ") ? ok().slice(0, -4) : ok());
const post = (body: unknown, more: object = {}): RequestInit => ({ method: "POST", body, ...more }) as RequestInit; // as wrong as JavaScript may be
function detached(view: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  structuredClone(view, { transfer: [view.buffer] });
  return view;
}

describe("a request arrives as the built-in fetch sends it, or is refused alike", () => {
  test.each<[what: string, init: () => RequestInit]>([
    ["nothing asked", () => ({})],
    ["HEAD", () => ({ method: "HEAD" })],
    ["a method of one's own", () => ({ method: "PROPFIND" })],
    ["a method in lower case", () => ({ method: "patch", body: "x" })],
    ["a method that is none", () => ({ method: "G T" })],
    ["GET with a body", () => ({ body: "x" })],
    ["POST of nothing", () => post(undefined)],
    ["POST of an empty text", () => post("")],
    ["text", () => post("h\u00e9\u20ac")],
    ["a form", () => post(new URLSearchParams("a=1&b=\u00e9"))],
    ["FormData", () => post(formOf("a", "1"))],
    ["a Blob", () => post(new Blob(["abc"], { type: "text/x" }))],
    ["a view of a part of an ArrayBuffer", () => post(new Uint8Array(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2))],
    ["a view of numbers", () => post(new Float64Array([1, 2]))],
    ["an ArrayBuffer that was given away", () => post(detached(new Uint8Array(4)).buffer)],
    ["a view of one that was given away", () => post(detached(new Uint8Array(4)))],
    ["shared memory", () => post(new Uint8Array(new SharedArrayBuffer(4)))],
    ["an async iterable", () => post(pieces(), { duplex: "half" })],
    ["an async iterable that fails", () => post(failing(), { duplex: "half" })],
    ["a stream", () => post(new Response("stream").body, { duplex: "half" })],
    ["a stream without duplex", () => post(new Response("stream").body)],
    ["an object for a body", () => post({ a: 1 })],
    ["redirect: manual", () => ({ redirect: "manual" })],
    ["integrity that fits", () => ({ integrity: "sha256-Iw2DWNyOiJC0xY3utikS7i8gNXrqE6S9VoGPiXnJNek=" })],
    ["integrity that does not fit", () => ({ integrity: "sha256-AAAA" })],
    ["keepalive with a body", () => post("x", { keepalive: true })],
    ["mode: same-origin", () => ({ mode: "same-origin" })],
    ["credentials: include", () => ({ credentials: "include" })],
    ["Expect", () => ({ headers: { expect: "100-continue" } })],
    ["a value with a line end", () => ({ headers: { a: "x\r\ny: 1" } })],
    ["a value past latin 1", () => ({ headers: { a: "\u20ac" } })],
    ["a value of 100 KB", () => ({ headers: { a: "x".repeat(100_000) } })],
    ["headers of which one is a symbol", () => ({ headers: Object.assign({ a: "1" }, { [Symbol("b")]: "2" }) })],
    ["headers of which one is hidden", () => ({ headers: Object.defineProperty({ a: "1" }, "b", { value: "2" }) })],
    ["headers by a proxy", () => ({ headers: new Proxy({ a: "1" }, {}) })],
    [
      "a name twice",
      () => ({
        headers: [
          ["a", "1"],
          ["a", "2"],
        ],
      }),
    ],
  ])("%s", (_, init) => expectNoDifference(fine, (f) => f(URL_OF_ALL, init())));

  test.each<[what: string, input: () => unknown]>([
    ["a URL", () => new URL(URL_OF_ALL)],
    ["a Request", () => new Request(URL_OF_ALL, { headers: { "X-AbC": "1" } })],
    ["a Request with a body", () => new Request(URL_OF_ALL, { method: "POST", body: "x" })],
    ["a Request that was aborted", () => new Request(URL_OF_ALL, { signal: AbortSignal.abort("w") })],
    ["credentials", () => "http://u:p@orders/"],
    ["a path to be escaped", () => "http://orders/\u00e9 \u20ac?\u00fc=1"],
    ["a bare question mark", () => "http://orders/a?"],
    ["a relative URL", () => "/a"],
    ["a data URL", () => "data:text/plain,hello"],
  ])("to %s", (_, input) => expectNoDifference(fine, (f) => f(input() as string)));
});

test.each<[what: string, init: () => object]>([
  ["init", () => Object.defineProperty({}, "method", { enumerable: true, get: thrown })],
  ["headers", () => ({ headers: Object.defineProperty({}, "a", { enumerable: true, get: thrown }) })],
  ["a proxy for init", () => new Proxy({}, { get: thrown })],
  ["a form", () => post(Object.assign(new URLSearchParams("a=1"), { toString: thrown }))],
  ["the mesh's own options", () => Object.defineProperty({}, "mesh", { enumerable: true, get: thrown })],
])("a getter of %s that throws makes the call reject, and never throw", async (_, init) => {
  await expect(both.mesh.fetch(URL_OF_ALL, init())).rejects.toThrow("no such secret");
});

const long = "0123456789".repeat(20_000);
const coded = (coding: string, bytes: Buffer): Buffer[] => [
  Buffer.from(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${bytes.length}\r\n\r\n`),
  bytes,
];

type Wire = readonly (string | Buffer)[];
const answers: readonly (readonly [what: string, wire: Wire, thenEnd?: "end"])[] = [
  ["a length", [ok()]],
  [
    "chunks and trailers",
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4;a=b\r\nbody\r\n0\r\nx-t: 1\r\n\r\n"],
  ],
  ["the end of the connection", ["HTTP/1.1 200 OK\r\n\r\nbody"], "end"],
  ["HTTP/1.0", ["HTTP/1.0 200 OK\r\n\r\nbody"], "end"],
  ["204", ["HTTP/1.1 204 N\r\n\r\n"]],
  ["204 with a body", ["HTTP/1.1 204 N\r\ncontent-length: 4\r\n\r\nbody"], "end"],
  ["205 with a body", ["HTTP/1.1 205 R\r\ncontent-length: 4\r\n\r\nbody"]],
  ["304 with a length", ["HTTP/1.1 304 N\r\ncontent-length: 4\r\n\r\n"]],
  ["103 before it", [`HTTP/1.1 103 E\r\nlink: a\r\n\r\n${ok()}`]],
  ["101 that nobody asked for", ["HTTP/1.1 101 S\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"]],
  ["cookies", [ok("set-cookie: a=1\r\nSet-Cookie: b=2\r\n")]],
  ["a value of 14,000 letters", [ok(`a: ${"y".repeat(14_000)}\r\n`)]],
  ["a value of 40,000 letters", [ok(`a: ${"y".repeat(40_000)}\r\n`)]],
  ["a reason beyond ASCII", [Buffer.from("HTTP/1.1 200 Tr\u00e8s\r\ncontent-length: 1\r\n\r\nx", "latin1")]],
  ["gzip", coded("gzip", gzipSync(long))],
  ["brotli", coded("br", brotliCompressSync(long))],
  ["zstd", coded("zstd", zstdCompressSync(long))],
  ["raw deflate", coded("deflate", deflateRawSync(long))],
  ["two codings", coded("gzip, br", brotliCompressSync(gzipSync(long)))],
  ["corrupt gzip", coded("gzip", Buffer.from("no gzip"))],
  ["gzip that breaks off", [coded("gzip", gzipSync(long))[0]!, gzipSync(long).subarray(0, 100)], "end"],
  ["200 kB", [ok("", long)]],
  ["more behind it", [`${ok()}HTTP/1.1 200 OK\r\n\r\nevil`]],
  ["too little", ["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nbody"], "end"],
  ["half a head", ["HTTP/1.1 200 OK\r\ncont"], "end"],
  ["no HTTP", ["SSH-2.0-OpenSSH_9.7\r\n"], "end"],
  ["nothing", [], "end"],
];

/** Ends, where it does, when the caller has the head: before that, the built-in fetch may tell of either. */
function saying(wire: Wire, thenEnd?: string, heard?: () => Promise<void>): Answer {
  return async (socket) => {
    for (const part of wire) {
      socket.write(part);
      await new Promise(setImmediate);
    }
    if (thenEnd === undefined) return;
    if (wire[0]?.includes("\r\n\r\n") === true) await heard?.();
    socket.end();
  };
}

describe.each<Reading>(["text", "chunks", "clone", "byob"])(
  "read as %s, an answer is what the built-in fetch makes of it",
  (how) => {
    test.each(answers.map(([what, wire, thenEnd]) => ({ what, wire, thenEnd })))("$what", async ({ wire, thenEnd }) => {
      let heard = Promise.withResolvers<void>();
      await expectNoDifference(
        saying(wire, thenEnd, () => heard.promise),
        (f) => {
          heard = Promise.withResolvers();
          return f(URL_OF_ALL).finally(heard.resolve);
        },
        how,
      );
    });
  },
);

const FAILED = { rejected: { name: "TypeError", message: "fetch failed" } };

/** Where they differ, what each makes of it: the table in docs/fetch.md. */
test.each<[what: string, wire: Wire, theirs: object, ours: object]>([
  [
    "100 that nobody asked for",
    [`HTTP/1.1 100 Continue\r\n\r\n${ok()}`],
    FAILED,
    { status: 200, text: { value: "body" } },
  ],
  ["a head of 17,000 letters", [ok(`a: ${"y".repeat(17_000)}\r\n`)], FAILED, { status: 200 }],
  ["a status past 599", ["HTTP/1.1 600 O\r\ncontent-length: 0\r\n\r\n"], { status: 600 }, FAILED],
])("an answer with %s is one of the differences that are known", async (_, wire, theirs, of) => {
  expect(await both.side(both.builtin, saying(wire), (f) => f(URL_OF_ALL))).toMatchObject({ observed: theirs });
  expect(await both.side(both.ours, saying(wire), (f) => f(URL_OF_ALL))).toMatchObject({ observed: of });
});

describe.each<[what: string, reason: unknown]>([
  ["an error", new RangeError("enough")],
  ["nothing", undefined],
  ["0", 0],
])("aborted with %s, both reject alike", (_, reason) => {
  test.each<[when: string, wire: Wire, story: (f: Fetch, abort: AbortController) => Promise<unknown>]>([
    [
      "in the tick of the call",
      [ok()],
      (f, abort) => {
        const answer = f(URL_OF_ALL, { signal: abort.signal });
        abort.abort(reason);
        return answer;
      },
    ],
    [
      "inside the body",
      ["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbod"],
      async (f, abort) => {
        const text = (await f(URL_OF_ALL, { signal: abort.signal })).text();
        abort.abort(reason);
        return text;
      },
    ],
    [
      "with a whole body that nobody has read",
      [ok()],
      async (f, abort) => {
        const response = await f(URL_OF_ALL, { signal: abort.signal });
        abort.abort(reason);
        return response.text();
      },
    ],
  ])("%s", async (_when, wire, story) => {
    const failures: unknown[] = [];
    for (const either of [both.builtin, both.ours]) {
      both.become(saying(wire));
      failures.push(await story(either, new AbortController()).catch(describeError));
    }
    expect(failures[1]).toEqual(failures[0]);
  });
});

test("and none of it has left anything behind", () => {
  const { calls, endpoints } = both.mesh.stats().services["orders"]!;
  expect([calls.running, endpoints[0]?.pending]).toEqual([0, 0]);
});

function formOf(name: string, value: string): FormData {
  const form = new FormData();
  form.append(name, value);
  return form;
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("a");
  yield Buffer.from("b");
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("a");
  throw new RangeError("mine");
}

function thrown(): never {
  throw new Error("no such secret");
}
