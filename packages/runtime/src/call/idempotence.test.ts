import { expect, test } from "vitest";
import { isIdempotent } from "./idempotence.ts";

const KEYED = new Map([["idempotency-key", "7"]]);
const PLAIN = new Map([["x-other", "1"]]);

function idempotent(
  method: string,
  methods?: readonly string[],
  headers: ReadonlyMap<string, string> = PLAIN,
): boolean {
  return isIdempotent(method, methods, headers, (given, name) => given.get(name));
}

test.each(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"])("%s may be repeated", (method) => {
  expect(idempotent(method)).toBe(true);
});

test.each(["POST", "PATCH", "CONNECT"])("%s may not, but with a key or by the policy", (method) => {
  expect(idempotent(method)).toBe(false);
  expect(idempotent(method, undefined, KEYED)).toBe(true);
  expect(idempotent(method, [method])).toBe(true);
});

test("a policy may take a method out", () => {
  expect(idempotent("PUT", ["GET"])).toBe(false);
});
