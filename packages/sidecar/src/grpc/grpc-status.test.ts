import { failure, GRPC_STATUSES, grpcStatusName, IGNORED, SUCCESS } from "@weft/core";
import { describe, expect, test } from "vitest";
import { grpcStatusOfHttp, grpcStatusOfReset, outcomeOfGrpcStatus } from "./grpc-status.ts";

test("five statuses are failures of the endpoint, one says that it has too much to do, and CANCELLED nothing", () => {
  const outcomes = Array.from({ length: GRPC_STATUSES }, (_, status) => outcomeOfGrpcStatus(status));
  const of = (kind: unknown): string[] =>
    outcomes.flatMap((outcome, status) => (outcome === kind ? [grpcStatusName(status)] : []));
  expect(of(failure("server-error"))).toEqual(["UNKNOWN", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"]);
  expect(of(failure("overloaded"))).toEqual(["RESOURCE_EXHAUSTED"]);
  expect(of(IGNORED)).toEqual(["CANCELLED"]);
  expect(of(SUCCESS)).toHaveLength(GRPC_STATUSES - 7);
});

test("a number that gRPC does not have counts as UNKNOWN, as for its clients", () => {
  for (const status of [17, 99, 999]) expect(outcomeOfGrpcStatus(status)).toBe(failure("server-error"));
});

test("an endpoint that asks to be left alone is left alone", () => {
  expect(outcomeOfGrpcStatus(14, 250)).toEqual({ kind: "failure", reason: "server-error", holdMs: 250 });
  expect(outcomeOfGrpcStatus(8, 250)).toEqual({ kind: "failure", reason: "overloaded", holdMs: 250 });
});

describe("what stands for a status where none was sent", () => {
  test.each([
    [400, "INTERNAL"],
    [401, "UNAUTHENTICATED"],
    [403, "PERMISSION_DENIED"],
    [404, "UNIMPLEMENTED"],
    [429, "UNAVAILABLE"],
    [500, "UNKNOWN"],
    [502, "UNAVAILABLE"],
    [503, "UNAVAILABLE"],
    [504, "UNAVAILABLE"],
    [302, "UNKNOWN"],
  ])("HTTP %d is %s", (status, name) => {
    expect(grpcStatusName(grpcStatusOfHttp(status))).toBe(name);
  });

  test.each([
    ["NO_ERROR", 0x0, "INTERNAL"],
    ["PROTOCOL_ERROR", 0x1, "INTERNAL"],
    ["INTERNAL_ERROR", 0x2, "INTERNAL"],
    ["FLOW_CONTROL_ERROR", 0x3, "INTERNAL"],
    ["FRAME_SIZE_ERROR", 0x6, "INTERNAL"],
    ["REFUSED_STREAM", 0x7, "UNAVAILABLE"],
    ["CANCEL", 0x8, "CANCELLED"],
    ["COMPRESSION_ERROR", 0x9, "INTERNAL"],
    ["CONNECT_ERROR", 0xa, "INTERNAL"],
    ["ENHANCE_YOUR_CALM", 0xb, "RESOURCE_EXHAUSTED"],
    ["INADEQUATE_SECURITY", 0xc, "PERMISSION_DENIED"],
    ["HTTP_1_1_REQUIRED", 0xd, "UNKNOWN"],
  ])("a reset with %s is %s", (_name, code, name) => {
    expect(grpcStatusName(grpcStatusOfReset(code))).toBe(name);
  });
});
