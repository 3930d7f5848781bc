import { MeshError } from "@weft/core";
import { describe, expect, test } from "vitest";
import { errorMessage, errorType, isGivenUp } from "./failure.ts";

describe("the type of an error", () => {
  test.each([
    ["the mesh's code", new MeshError("CONNECT_FAILED", "refused"), "CONNECT_FAILED"],
    ["the system's code", Object.assign(new Error("x"), { code: "ECONNRESET" }), "ECONNRESET"],
    ["its name", new TypeError("x"), "TypeError"],
    ["nothing that varies", Object.assign(new Error("x"), { code: "order 17 not found" }), "Error"],
    ["nothing made up", Object.assign(new Error("x"), { name: "order 17: not found" }), "_OTHER"],
    ["nothing of what is no error", "boom", "_OTHER"],
  ])("is %s", (_what, error, type) => {
    expect(errorType(error)).toBe(type);
  });
});

test("a message is kept to a bounded length", () => {
  expect(errorMessage(new Error("x".repeat(5_000)))).toHaveLength(1_024);
  expect(errorMessage(undefined)).toBe("undefined");
});

test("giving up is the caller's, by its flag or its signal, and never a failure of the mesh", () => {
  expect(isGivenUp(new Error("the connection closed"), ["DC"])).toBe(true);
  expect(isGivenUp(new DOMException("x", "AbortError"), [])).toBe(true);
  expect(isGivenUp(new DOMException("x", "TimeoutError"), [])).toBe(false);
  expect(isGivenUp(new MeshError("CLOSED", "x"), ["DC"])).toBe(false);
});
