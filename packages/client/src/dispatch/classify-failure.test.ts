import { failure, IGNORED } from "@weft/core";
import { describe, expect, test } from "vitest";
import { classifyFailure, type Phase } from "./classify-failure.ts";

function coded(code: string, message = "as undici says it"): Error {
  return Object.assign(new Error(message), { code });
}

const parserError = Object.assign(new Error("Expected HTTP/"), { name: "HTTPParserError" });

describe("classify failure", () => {
  test.each([
    ["connecting", coded("ECONNREFUSED"), "CONNECT_FAILED", "connect-failure", "no", failure("connect")],
    ["connecting", coded("ENOTFOUND"), "CONNECT_FAILED", "connect-failure", "no", failure("connect")],
    ["connecting", coded("ECONNRESET"), "CONNECT_FAILED", "connect-failure", "no", failure("connect")],
    ["connecting", coded("UND_ERR_CONNECT_TIMEOUT"), "CONNECT_FAILED", "connect-failure", "no", failure("connect")],
    [
      "connecting",
      coded("ERR_TLS_CERT_ALTNAME_INVALID"),
      "CONNECT_FAILED",
      "connect-failure",
      "no",
      failure("connect"),
    ],
    ["connecting", coded("UND_ERR_DESTROYED"), "CLOSED", "never-sent", "no", IGNORED],
    ["handing over", coded("ECONNREFUSED"), "CONNECT_FAILED", "connect-failure", "no", failure("connect")],
    ["handing over", coded("ECONNRESET"), "CONNECT_FAILED", "connect-failure", "no", failure("connect")],
    ["waiting", coded("ECONNRESET"), "CONNECTION_LOST", "reset-before-response", "maybe", failure("reset")],
    ["waiting", coded("UND_ERR_SOCKET"), "CONNECTION_LOST", "reset-before-response", "maybe", failure("reset")],
    ["waiting on a reused connection", coded("ECONNRESET"), "CONNECTION_LOST", "stale-connection", "maybe", IGNORED],
    [
      "waiting on a reused connection",
      coded("UND_ERR_SOCKET"),
      "CONNECTION_LOST",
      "stale-connection",
      "maybe",
      IGNORED,
    ],
    ["waiting", coded("UND_ERR_HEADERS_TIMEOUT"), "ATTEMPT_TIMEOUT", "timeout", "yes", failure("timeout")],
    ["waiting", parserError, "PROTOCOL_ERROR", "reset-before-response", "yes", failure("protocol")],
    [
      "waiting on a reused connection",
      parserError,
      "PROTOCOL_ERROR",
      "reset-before-response",
      "yes",
      failure("protocol"),
    ],
    ["waiting", coded("HPE_INVALID_CONSTANT"), "PROTOCOL_ERROR", "reset-before-response", "yes", failure("protocol")],
    [
      "waiting",
      coded("UND_ERR_HEADERS_OVERFLOW"),
      "PROTOCOL_ERROR",
      "reset-before-response",
      "yes",
      failure("protocol"),
    ],
    ["receiving", coded("UND_ERR_SOCKET"), "CONNECTION_LOST", undefined, "yes", failure("truncated")],
    ["receiving", parserError, "CONNECTION_LOST", undefined, "yes", failure("truncated")],
    ["receiving", coded("UND_ERR_BODY_TIMEOUT"), "CONNECTION_LOST", undefined, "yes", failure("timeout")],
  ] satisfies [Phase, Error, string, string | undefined, string, object][])(
    "%s: %s is %s, %s, sent: %s",
    (phase, error, code, failed, sent, outcome) => {
      expect(classifyFailure(error, phase)).toMatchObject({ code, failure: failed, sent, outcome });
    },
  );

  test.each<[Phase, unknown]>([
    ["connecting", coded("UND_ERR_INVALID_ARG")],
    ["preparing", new Error("a getter's own")],
    ["preparing", coded("ENOENT", "the body's own")],
    ["handing over", new Error("a limiter's own")],
    ["handing over", coded("UND_ERR_DESTROYED")],
    ["waiting", new Error("the body's own")],
    ["waiting on a reused connection", "not even an error"],
    ["receiving", new Error("the handler's own")],
  ])("%s: an error about the request itself stays as it is and is held against nobody", (phase, error) => {
    expect(classifyFailure(error, phase)).toMatchObject({ code: undefined, failure: undefined, outcome: IGNORED });
  });

  test("finds words where an error of several addresses has none", () => {
    const error = Object.assign(new AggregateError([coded("ECONNREFUSED", "connect ECONNREFUSED ::1:80")]), {
      code: "ECONNREFUSED",
    });
    expect(classifyFailure(error, "connecting").problem).toBe("connect ECONNREFUSED ::1:80");
  });
});
