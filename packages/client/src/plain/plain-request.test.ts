import { describe, expect, test } from "vitest";
import type { Dispatcher } from "../undici.ts";
import { plainRequest } from "./plain-request.ts";

const GET: Dispatcher.DispatchOptions = { origin: "http://orders", path: "/v1/7", method: "GET" };
const HEAD = "GET /v1/7 HTTP/1.1\r\nhost: orders\r\nconnection: keep-alive\r\n";

describe("a plain request", () => {
  test.each<[string, object, string]>([
    ["no more than a path", {}, `${HEAD}\r\n`],
    ["an empty body, which is none", { body: "" }, `${HEAD}\r\n`],
    ["no redirects, as undici's own fetch says it", { maxRedirections: 0 }, `${HEAD}\r\n`],
    ["options that are not set", { query: undefined, upgrade: null }, `${HEAD}\r\n`],
  ])("is made of %s", (_, options, head) => {
    expect(plainRequest({ ...GET, ...options }, null, "orders")).toEqual({ method: "GET", head, body: undefined });
  });

  test("says the length of its body, also of none where its method has one", () => {
    const post = { ...GET, method: "POST" } as const;
    expect(plainRequest({ ...post, body: "\u00e9" }, null, "orders")).toMatchObject({
      head: expect.stringContaining("\r\ncontent-length: 2\r\n") as string,
      body: Buffer.from("\u00e9"),
    });
    expect(plainRequest(post, null, "orders")).toMatchObject({
      head: expect.stringContaining("\r\ncontent-length: 0\r\n") as string,
      body: undefined,
    });
  });

  test.each<[string, object]>([
    ["HEAD", { method: "HEAD" }],
    ["a method of its own", { method: "PURGE" }],
    ["a body where none is usual", { body: "x" }],
    ["a body that comes bit by bit", { method: "POST", body: ["x"] }],
    ["a path that is none", { path: "v1" }],
    ["a path with a space", { path: "/v 1" }],
    ["a query beside the path", { query: { a: "1" } }],
    ["redirects to be followed", { maxRedirections: 1 }],
    ["an upgrade", { upgrade: "echo" }],
    ["a timeout of its own", { headersTimeout: 5 }],
    ["a length that is not its body's", { method: "POST", body: "x", headers: { "content-length": "2" } }],
    ["headers that are none", { headers: "accept: */*" }],
  ])("is not made of %s: that is undici's", (_, options) => {
    const asked: Dispatcher.DispatchOptions = { ...GET, ...options };
    expect(plainRequest(asked, asked.headers, "orders")).toBeUndefined();
  });
});
