import { describe, expect, test } from "vitest";
import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import { parseRequestHead } from "../head/head-parser.ts";
import { RequestHead } from "../head/request-head.ts";
import type { BodySource } from "../wire/body.ts";
import { requestText } from "./request-text.ts";

const SOURCE: BodySource = { length: -1, chunked: false, room: 0, attach() {}, resume() {}, cancel() {} };

/** A request with that head, as it came over HTTP/1.1, and nothing of ours. */
function requestOf(text: string, own: Partial<OutgoingRequest> = {}): OutgoingRequest {
  const bytes = Buffer.from(text);
  const head = parseRequestHead(bytes, 0, bytes.length, { maxHeadBytes: 1_024, maxFields: 10, underscores: "keep" });
  if (head === undefined || head.kind === "refusal") throw new Error("no head");
  return { head, traceparent: "", deadline: "", grpcTimeout: "", via: "", upgrades: false, body: undefined, ...own };
}

describe("the head of a request in HTTP/1.1", () => {
  test("is the caller's but for what concerns one hop", () => {
    const request = requestOf("GET /a?b HTTP/1.1\r\nHost: orders\r\nConnection: x\r\nX: 1\r\nAccept: */*\r\n\r\n");
    expect(requestText(request)).toBe("GET /a?b HTTP/1.1\r\nHost: orders\r\nAccept: */*\r\n\r\n");
  });

  test("has what is said anew behind it", () => {
    const own = { traceparent: "00-1-2-00", deadline: "250", grpcTimeout: "250m", via: "2 weft" };
    expect(requestText(requestOf("GET / HTTP/1.1\r\nHost: a\r\n\r\n", own))).toBe(
      "GET / HTTP/1.1\r\nHost: a\r\ntraceparent: 00-1-2-00\r\nx-request-deadline-ms: 250\r\n" +
        "grpc-timeout: 250m\r\nVia: 2 weft\r\n\r\n",
    );
  });

  test("says anew what is another than in the request before", () => {
    const own = { deadline: "250", grpcTimeout: "250m", via: "2 weft" };
    const others = [
      {},
      {},
      {},
      { deadline: "251" },
      {},
      { grpcTimeout: "251m" },
      {},
      { via: "1.1 weft" },
      { via: "" },
      {},
    ];
    for (const other of others) {
      const { deadline, grpcTimeout, via } = { ...own, ...other };
      expect(requestText(requestOf("GET / HTTP/1.1\r\nHost: a\r\n\r\n", { deadline, grpcTimeout, via }))).toBe(
        `GET / HTTP/1.1\r\nHost: a\r\nx-request-deadline-ms: ${deadline}\r\ngrpc-timeout: ${grpcTimeout}\r\n` +
          `${via === "" ? "" : `Via: ${via}\r\n`}\r\n`,
      );
    }
  });

  test.each([
    ["of a length", Buffer.from("12345"), "Content-Length: 5\r\n"],
    ["of a length that is to come", { ...SOURCE, length: 7 }, "Content-Length: 7\r\n"],
    ["of no length", SOURCE, "Transfer-Encoding: chunked\r\n"],
    ["of none", undefined, ""],
  ])("frames a body %s", (_what, body, line) => {
    expect(requestText(requestOf("PUT / HTTP/1.1\r\nHost: a\r\n\r\n", { body }))).toBe(
      `PUT / HTTP/1.1\r\nHost: a\r\n${line}\r\n`,
    );
  });

  test("says that there is no body where the caller said so", () => {
    const text = requestText(requestOf("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"));
    expect(text).toBe("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  });

  test.each([
    ["POST", "Content-Length: 0\r\n"],
    ["GET", ""],
  ])("says of a %s over HTTP/2 that its stream brought nothing", (method, line) => {
    const plain = requestOf(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
    const head = new RequestHead({ ...plain.head, lines: "", list: undefined, version: "2" });
    expect(requestText({ ...plain, head })).toBe(`${method} / HTTP/1.1\r\nHost: a\r\n${line}\r\n`);
  });

  test("says in our name that trailers are taken, or what is asked for instead", () => {
    const takes = "GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Upgrade\r\nTE: trailers\r\nUpgrade: echo\r\n\r\n";
    expect(requestText(requestOf(takes))).toContain("\r\nConnection: TE\r\nTE: trailers\r\n");
    expect(requestText(requestOf(takes, { upgrades: true }))).toContain("\r\nConnection: Upgrade\r\nUpgrade: echo\r\n");
  });

  test("of an extended CONNECT is an Upgrade, with a key", () => {
    const plain = requestOf("GET /live HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Version: 13\r\n\r\n");
    const { head } = plain;
    const asked = { ...head, lines: head.lines, list: undefined, method: "CONNECT", protocol: "websocket" };
    const request = { ...plain, head: new RequestHead(asked), upgrades: true, body: SOURCE };
    expect(requestText(request, "a2V5")).toBe(
      "GET /live HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Version: 13\r\n" +
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a2V5\r\n\r\n",
    );
  });
});
