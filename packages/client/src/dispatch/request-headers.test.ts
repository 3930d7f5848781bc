import { describe, expect, test } from "vitest";
import { headerOf, withHeader, withHeaders } from "./request-headers.ts";

// Every form in which undici takes headers.
const forms = [
  ["an object", { "Idempotency-Key": "7", host: "orders" }],
  ["a flat array", ["Idempotency-Key", "7", "host", "orders"]],
  [
    "a Map",
    new Map([
      ["Idempotency-Key", "7"],
      ["host", "orders"],
    ]),
  ],
  ["pairs", new Headers({ "Idempotency-Key": "7", host: "orders" })],
] as const;

describe("request headers", () => {
  test.each(forms)("finds a header in %s, whatever its case", (_, headers) => {
    expect(headerOf(headers as never, "idempotency-key")).toBe("7"); // undici's own types differ between its entry points
    expect(headerOf(headers as never, "idempotency")).toBeUndefined();
  });

  test.each(forms)("adds one to %s only where it is not there", (_, headers) => {
    expect(withHeader(headers as never, "host", "other")).toBe(headers);
    expect(headerOf(withHeader(headers as never, "x-new", "1"), "x-new")).toBe("1");
    expect(headerOf(withHeader(headers as never, "x-new", "1"), "idempotency-key")).toBe("7");
  });

  test.each(forms)("puts headers in the place of those of the same names in %s, and takes some away", (_, headers) => {
    const changed = withHeaders(headers as never, ["idempotency-key", "8", "host", "", "x-new", "1"]);
    expect(["idempotency-key", "host", "x-new"].map((name) => headerOf(changed, name))).toEqual(["8", undefined, "1"]);
    expect(headerOf(headers as never, "idempotency-key")).toBe("7"); // those given are the caller's
  });

  test.each([null, undefined])("puts headers in the place of %s", (none) => {
    expect(headerOf(withHeaders(none, ["x-new", "1", "host", ""]), "x-new")).toBe("1");
  });

  test.each([
    ["a flat array", ["x-a", "1", "X-A", "2"]],
    ["an object", { "x-a": ["1", "2"] }],
    [
      "pairs",
      new Headers([
        ["x-a", "1"],
        ["x-a", "2"],
      ]),
    ],
  ])("joins what came under one name in %s", (_, headers) => {
    expect(headerOf(headers as never, "x-a")).toBe("1, 2");
  });

  test("takes the value of a flat array for no name", () => {
    expect(headerOf(["x-name", "host"], "host")).toBeUndefined();
  });

  test.each([5, "text", true])("leaves %j, which is no form of headers, to undici", (given) => {
    const headers = given as never; // as a caller without types may give them
    expect(headerOf(headers, "host")).toBeUndefined();
    expect(withHeader(headers, "host", "orders")).toBe(given);
    expect(withHeaders(headers, ["host", "orders"])).toBe(given);
  });

  test.each([null, undefined])("adds to %s", (none) => {
    expect(withHeader(none, "host", "orders")).toEqual({ host: "orders" });
    expect(headerOf(none, "host")).toBeUndefined();
  });
});
