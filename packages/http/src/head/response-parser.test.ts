import { describe, expect, test } from "vitest";
import { responseFraming } from "./framing.ts";
import { DEFAULT_HEAD_LIMITS, parseResponseHead } from "./head-parser.ts";
import type { HeadLimits } from "./head-limits.ts";
import type { ResponseHead } from "./response-head.ts";

describe("a response head", () => {
  test("is told apart into slots and fields", () => {
    const head = response(
      "HTTP/1.1 200 All right\r\nContent-Length: 5\r\nKeep-Alive: timeout=5, max=10\r\nServer: x\r\nConnection: keep-alive\r\n\r\nhello",
    );
    expect(head).toMatchObject({ status: 200, reason: "All right", contentLength: 5, keepAlive: true });
    expect(head.keepAliveHintMs).toBe(5_000);
    expect(head.lines).toBe("Server: x\r\n");
  });

  test.each([
    ["Server: x", -1],
    ["grpc-status: 0", 0],
    ["Grpc-Status:  14 ", 14],
    ["grpc-status: x", 2],
    ["grpc-status: ", 2],
    ["grpc-status: 1\r\ngrpc-status: 1", 2],
  ])("with %j has the gRPC status %i", (line, grpcStatus) => {
    const head = response(`HTTP/1.1 200 OK\r\n${line}\r\n\r\n`);
    expect(head).toMatchObject({ grpcStatus, version: "1.1", lines: `${line}\r\n` });
  });

  test.each([
    ["GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "length"],
    ["GET", "HTTP/1.1 200\r\n\r\n", "close"],
    ["GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", "chunked"],
    ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "none"],
    ["GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "none"],
    ["GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "none"],
    ["CONNECT", "HTTP/1.1 200 OK\r\n\r\n", "none"],
    ["CONNECT", "HTTP/1.1 502 No\r\nContent-Length: 5\r\n\r\n", "length"],
  ])("to %s as %j has its body framed by %s", (method, text, framing) => {
    expect(responseFraming(method, response(text))).toBe(framing);
  });

  test.each(["Content-Length: 5", "Transfer-Encoding: chunked"])(
    "of 204 that says %j has no body where that is asked for, and nothing follows on its connection",
    (line) => {
      const limits = { ...DEFAULT_HEAD_LIMITS, bodyOf204: "ignore" } as const;
      const head = response(`HTTP/1.1 204 No Content\r\n${line}\r\n\r\n`, limits);
      expect(head).toMatchObject({ contentLength: -1, chunked: false, keepAlive: false });
      expect(responseFraming("GET", head)).toBe("none");
      expect(response("HTTP/1.1 204 No Content\r\n\r\n", limits)).toMatchObject({ keepAlive: true });
    },
  );
});

function response(text: string, limits: HeadLimits = DEFAULT_HEAD_LIMITS): ResponseHead {
  const bytes = Buffer.from(text, "latin1");
  const head = parseResponseHead(bytes, 0, bytes.length, limits);
  if (head?.kind !== "response") throw new Error(`no head: ${head?.code}`);
  return head;
}
