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

  test.each(["0", "9", "1234567890", "9007199254740991"])("takes the length %s as it is", (length) => {
    const head = request(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\t${length} \r\n\r\n`);
    expect(String(head.contentLength)).toBe(length);
  });

  test.each(
    [
      [
        "a",
        "a:",
        "a:0",
        "a:65535",
        "[::1]",
        "[::ffff:1.2.3.4]:80",
        "1.2.3.4",
        "A-b_c.d~e",
        "a%20b",
        "a,b",
        "",
        "xn--a.b.",
      ],
    ].flat(),
  )("takes the host %j", (host) => {
    expect(request(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`).authority).toBe(host);
  });

  test.each(["/a?b=[1]&c={d}|e^`", "//", "/a;b=c,d/../e?f??/@:", "/%00%ff", "/~!$&'()*+"])(
    "takes the target %s",
    (target) => {
      expect(request(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).target).toBe(target);
    },
  );

  test.each([
    ["HTTP/1.1", "X: y", true],
    ["HTTP/1.1", "Connection: Close", false],
    ["HTTP/1.1", "Connection: keep-alive,close", false],
    ["HTTP/1.1", "Connection: ,,TE , ", true],
    ["HTTP/1.0", "X: y", false],
    ["HTTP/1.0", "Connection: Keep-Alive", true],
  ])("of %s with %j: its connection may serve another request: %s", (version, line, keepAlive) => {
    expect(request(`GET / ${version}\r\nHost: a\r\n${line}\r\n\r\n`).keepAlive).toBe(keepAlive);
  });

  test("asks for 100, an upgrade and trailers in fields of this hop", () => {
    const lines = "Expect: 100-Continue\r\nConnection: TE, Upgrade\r\nTE: gzip;q=0.5, Trailers\r\nUpgrade: websocket";
    const of = (version: string) => request(`GET / ${version}\r\nHost: a\r\n${lines}\r\n\r\n`);
    expect(of("HTTP/1.1")).toMatchObject({
      expectContinue: true,
      upgrade: "websocket",
      acceptsTrailers: true,
      lines: "",
    });
    expect(of("HTTP/1.0")).toMatchObject({ expectContinue: false, upgrade: "" });
    expect(request(`GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n`).upgrade).toBe("");
  });

  test("has a slot for one traceparent and one deadline, none for two", () => {
    const one = "traceparent: a\r\nX-Request-Deadline-Ms: 5\r\n";
    expect(request(`GET / HTTP/1.1\r\nHost: a\r\n${one}\r\n`)).toMatchObject({ traceparent: "a", deadline: "5" });
    expect(request(`GET / HTTP/1.1\r\nHost: a\r\n${one}${one}\r\n`)).toMatchObject({
      traceparent: "",
      deadline: "",
      lines: "",
    });
    const named = "Connection: traceparent, x-request-deadline-ms\r\n";
    expect(request(`GET / HTTP/1.1\r\nHost: a\r\n${one}${named}\r\n`)).toMatchObject({ traceparent: "", deadline: "" });
  });

  test("has a slot for what gRPC's caller waits, and says whether it is gRPC's", () => {
    const head = request(
      "POST /a.B/C HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nGrpc-Timeout: 5S\r\n\r\n",
    );
    expect(head).toMatchObject({ version: "1.1", grpcTimeout: "5S", grpc: true, protocol: "", seen: SEEN.grpcTimeout });
    expect(head.lines).toBe("Content-Type: application/grpc\r\n");
    const lines = "grpc-timeout: 5S\r\nConnection: grpc-timeout\r\n";
    expect(request(`GET / HTTP/1.0\r\n${lines}\r\n`)).toMatchObject({ version: "1.0", grpcTimeout: "", grpc: false });
  });

  test.each([
    ["application/grpc+proto", true],
    ["Application/gRPC;x=y", true],
    ["application/grpc ; x=y", true],
    ["application/grpc-web", false],
    ["application/grpcx", false],
    ["application/json", false],
    ["text/application/grpc", false],
  ])("of type %s is gRPC's: %s", (type, grpc) => {
    expect(request(`GET / HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\n\r\n`).grpc).toBe(grpc);
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
