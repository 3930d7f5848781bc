import { expect, test } from "vitest";
import { ownRequest } from "../client/own-request.ts";
import { LateBody } from "../tunnel/late-body.ts";
import { forHttp2 } from "./extended-connect.ts";

const GET = { method: "GET", target: "/live?a", authority: "orders" };
const LINES = "Sec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n";

test("a WebSocket's Upgrade becomes an extended CONNECT, without what is HTTP/1.1's alone", () => {
  const body = new LateBody();
  const asked = forHttp2(ownRequest({ ...GET, lines: LINES, upgrade: "WebSocket", body }));
  expect(asked.head).toMatchObject({
    method: "CONNECT",
    protocol: "websocket",
    target: "/live?a",
    authority: "orders",
  });
  expect(asked.head).toMatchObject({ upgrade: "", contentLength: -1 });
  expect(asked.head.list).toEqual(["sec-websocket-version", "13"]);
  expect(asked.body).toBe(body);
});

test("what asks for another protocol, or for none, goes as it is", () => {
  for (const request of [ownRequest(GET), ownRequest({ ...GET, upgrade: "echo" })])
    expect(forHttp2(request)).toBe(request);
});
