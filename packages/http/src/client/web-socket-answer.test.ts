import { expect, test } from "vitest";
import { emptyResponseParts, ResponseHead } from "../head/response-head.ts";
import { webSocketAnswer } from "./web-socket-answer.ts";

// The pair of RFC 6455 1.3.
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPTED = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

test("a 101 with the key's answer is the caller's 200, without what only HTTP/1.1 needs", () => {
  const answer = webSocketAnswer(head(101, `${ACCEPTED}Sec-WebSocket-Protocol: chat\r\n`), KEY);
  expect(answer).toMatchObject({ status: 200, reason: "OK", upgrade: "", lines: "Sec-WebSocket-Protocol: chat\r\n" });
});

test.each([
  { status: 200, lines: ACCEPTED, why: "it is no 101, which an Upgrade was to be answered with" },
  { status: 101, lines: "", why: "Sec-WebSocket-Accept is not that of the key (RFC 6455 4.1)" },
  {
    status: 101,
    lines: "Sec-WebSocket-Accept: other\r\n",
    why: "Sec-WebSocket-Accept is not that of the key (RFC 6455 4.1)",
  },
])("$status with $lines is none: $why", ({ status, lines, why }) => {
  expect(webSocketAnswer(head(status, lines), KEY)).toBe(why);
});

function head(status: number, lines: string): ResponseHead {
  return new ResponseHead({ ...emptyResponseParts("1.1"), status, lines, upgrade: "websocket" });
}
