import { expect, test } from "vitest";
import { failureOfError } from "./dial-failure.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

test.each([
  ["ECONNREFUSED", "refused"],
  ["ECONNRESET", "refused"],
  ["EHOSTUNREACH", "unreachable"],
  ["ENETUNREACH", "unreachable"],
  ["ETIMEDOUT", "timeout"],
  ["ENOTFOUND", "name-unknown"],
  ["EAI_AGAIN", "name-unknown"],
  ["ESOMETHING", "other"],
])("%s before a connection is %s, and counts against the endpoint", (code, kind) => {
  const failed = failureOfError(systemError(code), "10.0.0.1", 80, false);
  expect(failed).toMatchObject({ kind, failure: "connect-failure", sent: "no", neverSent: true });
  expect(failed.outcome).toMatchObject({ kind: "failure", reason: "connect" });
  expect(failed.problem).toBe(`no connection with 10.0.0.1:80: connect ${code}`);
});

test.each(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS"])(
  "%s is our own shortage, and no endpoint's fault",
  (code) => {
    expect(failureOfError(systemError(code), "10.0.0.1", 80, false)).toMatchObject({
      kind: "local",
      failure: "never-sent",
      outcome: { kind: "ignored" },
    });
  },
);

test("an error in the handshake is one of TLS, whatever its code", () => {
  expect(failureOfError(systemError("ECONNRESET"), "::1", 443, true)).toMatchObject({
    kind: "tls-failed",
    problem: "no TLS session with [::1]:443: connect ECONNRESET",
  });
});

test("names what each of several addresses said", () => {
  const error = Object.assign(new AggregateError([systemError("ECONNREFUSED"), systemError("ENETUNREACH")]), {
    code: "ECONNREFUSED",
  });
  expect(failureOfError(error, "orders.local", 80, false)).toMatchObject({
    kind: "refused",
    problem: "no connection with orders.local:80: connect ECONNREFUSED; connect ENETUNREACH",
  });
});
