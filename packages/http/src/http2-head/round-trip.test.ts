import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { requestText } from "../client/request-text.ts";
import { parseRequestHead, parseResponseHead } from "../head/head-parser.ts";
import type { RequestHead } from "../head/request-head.ts";
import type { ResponseHead } from "../head/response-head.ts";
import { HeadReader } from "./head-reader.ts";
import { BLOCK, HeadWriter } from "./head-writer.ts";
import { outgoing } from "./outgoing.suite.ts";

const SEED = 31;
const HEADS = 3_000;
const LIMITS = { maxHeadBytes: 16 * 1024, maxFields: 100, underscores: "keep" } as const;

const random = seededRandom(SEED);
const METHODS = ["GET", "POST", "PATCH", "M-SEARCH", "x!#$%&'*+.^_`|~"];
const PATHS = ["/", "/a", "/a/b?c=d&e", "//", "/%00%ff", "/[{|}]^`", "/orders.Orders/Get"];
const HOSTS = ["a", "orders:80", "[::1]:8080", "A-b_c.d"];
const NAMES = [
  "Accept",
  "user-agent",
  "X-Own",
  "x_under",
  "Via",
  "cookie",
  "Content-Type",
  "!#$%&'*+-.^_`|~",
  "Grpc-Status",
];
const VALUES = ["", "b", "c, d", "e\tf", "\xe9\xa0\xff", '"g"', "application/grpc", "0".repeat(300), "14"];
const SLOTS = [
  "Traceparent: 00-aa",
  "X-Request-Deadline-Ms: 5",
  "grpc-timeout: 1S",
  "TE: trailers",
  "Content-Length: 7",
  "Connection: close",
];

test("a request of HTTP/1.1 comes out of HTTP/2 as it went in", () => {
  const writer = new HeadWriter();
  const reader = new HeadReader(LIMITS);
  for (let i = 0; i < HEADS; i++) {
    const method = one(METHODS);
    // That a POST has no body is said to HTTP/1.1, whoever sent it: here each of them has one.
    const slots = SLOTS.filter(
      (line) => (line.startsWith("Content-Length") && method[0] === "P") || random.below(3) === 0,
    );
    const lines = [`Host: ${one(HOSTS)}`, ...fieldLines(), ...slots];
    const text = `${method} ${one(PATHS)} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
    const first = requestOf(text);
    const { traceparent, deadline, grpcTimeout } = first;
    const length = writer.request(outgoing(first, { traceparent, deadline, grpcTimeout }));
    const block = Buffer.from(BLOCK.subarray(0, length));
    const second = reader.request(block, 0, length);
    const where = `seed ${SEED}, head ${i}: ${JSON.stringify(text)}`;
    if (second.kind !== "request") throw new Error(`${where}: ${second.detail}`);
    const third = requestOf(requestText(outgoing(second, { traceparent, deadline, grpcTimeout })));
    for (const head of [second, third]) {
      if (!isSame(meaning(first), meaning(head))) expect(meaning(head), where).toEqual(meaning(first));
    }
  }
});

test("a response of HTTP/1.1 comes out of HTTP/2 as it went in, but for its reason", () => {
  const writer = new HeadWriter();
  const reader = new HeadReader(LIMITS);
  for (let i = 0; i < HEADS; i++) {
    const status = one([200, 206, 304, 404, 500, 599]);
    const lines = [
      ...fieldLines(),
      "Set-Cookie: a=b",
      "Set-Cookie: c=d",
      ...(random.below(2) === 0 ? ["Content-Length: 3"] : []),
    ];
    const first = responseOf(`HTTP/1.1 ${status} Reason\r\n${lines.join("\r\n")}\r\n\r\n`);
    const length = writer.response(first.status, first, first.contentLength);
    const second = reader.response(Buffer.from(BLOCK.subarray(0, length)), 0, length);
    const where = `seed ${SEED}, head ${i}: ${JSON.stringify(first.lines)}`;
    if (second.kind !== "response") throw new Error(`${where}: ${second.detail}`);
    const framing = second.contentLength < 0 ? "" : `Content-Length: ${second.contentLength}\r\n`;
    const third = responseOf(`HTTP/1.1 ${second.status}\r\n${second.lines}${framing}\r\n`);
    for (const head of [second, third]) {
      if (!isSame(answered(first), answered(head))) expect(answered(head), where).toEqual(answered(first));
    }
  }
});

function fieldLines(): readonly string[] {
  const names = NAMES.filter(() => random.below(3) === 0);
  // Crumbs of a cookie would become one field.
  const again = names.filter((name) => name !== "cookie" && random.below(8) === 0);
  return [...names, ...again].map((name) => `${name}:${one(["", " ", "\t"])}${one(VALUES)}${one(["", " "])}`);
}

function one<Item>(items: readonly Item[]): Item {
  return items[random.below(items.length)]!;
}

/** All that a head says, whatever it came in. A cookie goes behind the others in HTTP/2. */
function meaning(head: RequestHead) {
  const { method, target, authority, contentLength, acceptsTrailers, traceparent, deadline, grpcTimeout, grpc } = head;
  const slots = { method, target, authority, contentLength, acceptsTrailers, traceparent, deadline, grpcTimeout, grpc };
  const entries = [...head.entries()];
  const isCookie = ([name]: readonly [string, string]): boolean => name === "cookie";
  return { ...slots, entries: [...entries.filter((entry) => !isCookie(entry)), ...entries.filter(isCookie)] };
}

function answered(head: ResponseHead) {
  const { status, contentLength, grpcStatus } = head;
  return { status, contentLength, grpcStatus, entries: [...head.entries()] };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function requestOf(text: string): RequestHead {
  const bytes = Buffer.from(text, "latin1");
  const head = parseRequestHead(bytes, 0, bytes.length, LIMITS);
  if (head?.kind !== "request") throw new Error(`no head: ${head?.code} ${JSON.stringify(text)}`);
  return head;
}

function responseOf(text: string): ResponseHead {
  const bytes = Buffer.from(text, "latin1");
  const head = parseResponseHead(bytes, 0, bytes.length, LIMITS);
  if (head?.kind !== "response") throw new Error(`no head: ${head?.code} ${JSON.stringify(text)}`);
  return head;
}
