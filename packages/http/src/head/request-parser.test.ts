import { describe, expect, test } from "vitest";
import { DEFAULT_HEAD_LIMITS, parseRequestHead } from "./head-parser.ts";
import { SEEN } from "./seen.ts";
import type { RequestHead } from "./request-head.ts";

describe("a request head", () => {
  test("is told apart into slots and fields", () => {
    const head = request(
      "GET /a?b=%20c HTTP/1.1\r\nHost: orders:80\r\nAccept: */*\r\nConnection: keep-alive\r\nVia: 1.1 x \r\ntraceparent:  00-aa \r\n\r\nbody",
    );
    expect(head).toMatchObject({
      kind: "request",
      method: "GET",
      target: "/a?b=%20c",
      authority: "orders:80",
      form: "origin",
      minor: 1,
      contentLength: -1,
      chunked: false,
      keepAlive: true,
      traceparent: "00-aa",
      seen: SEEN.via,
    });
    expect(head.lines).toBe("Accept: */*\r\nVia: 1.1 x \r\n");
    expect(head.get("via")).toBe("1.1 x");
  });

  test("lies at any offset, and ends behind its empty line", () => {
    const bytes = Buffer.from("xxxGET / HTTP/1.1\r\nHost: a\r\n\r\nGET", "latin1");
    expect(parseRequestHead(bytes, 3, bytes.length, DEFAULT_HEAD_LIMITS)).toMatchObject({ end: 30, authority: "a" });
  });

  test.each([
    ["GET http://b:81/c?d HTTP/1.1\r\nHost: a\r\n\r\n", "/c?d", "b:81", "absolute"],
    ["GET HTTPS://b HTTP/1.1\r\nHost: a\r\n\r\n", "/", "b", "absolute"],
    ["GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n", "/?q", "b", "absolute"],
    ["OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n", "*", "b", "absolute"],
    ["OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "*", "a", "asterisk"],
    ["CONNECT [::1]:443 HTTP/1.1\r\nHost: a\r\n\r\n", "[::1]:443", "[::1]:443", "authority"],
    ["GET / HTTP/1.0\r\n\r\n", "/", "", "origin"],
  ])("%j is for %s of %s", (text, target, authority, form) => {
    expect(request(text)).toMatchObject({ target, authority, form });
  });

  test("loses the fields that Connection names, and no others", () => {
    const head = request("GET / HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nConnection: close, x-one\r\nX-Two: 2\r\n\r\n");
    expect(head.lines).toBe("X-Two: 2\r\n");
    expect(head.keepAlive).toBe(false);
  });
});

function request(text: string): RequestHead {
  const bytes = Buffer.from(text, "latin1");
  const head = parseRequestHead(bytes, 0, bytes.length, DEFAULT_HEAD_LIMITS);
  if (head?.kind !== "request") throw new Error(`no head: ${head?.code}`);
  return head;
}
