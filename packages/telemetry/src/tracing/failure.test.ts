import { GRPC_STATUSES, hasFailed, MeshError } from "@weft/core";
import { describe, expect, test } from "vitest";
import { errorMessage, errorType, failureOf } from "./failure.ts";

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

test("the called side has a failure to name where the call failed, and nowhere else", () => {
  const statuses = [0, 101, 200, 304, 400, 404, 429, 499, 500, 501, 503];
  const grpcStatuses = Array.from({ length: GRPC_STATUSES + 2 }, (_, at) => at - 1);
  for (const status of statuses) {
    for (const grpcStatus of grpcStatuses) {
      for (const error of [undefined, new MeshError("CLOSED", "x")]) {
        const end = { status, grpcStatus, error };
        expect([end, failureOf(end, "called") !== undefined]).toEqual([
          end,
          hasFailed({ ...end, call: { cutBy: error } }),
        ]);
      }
    }
  }
});
