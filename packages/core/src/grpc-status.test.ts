import { expect, test } from "vitest";
import { GRPC_STATUSES, grpcStatusName, isGrpcFailure } from "./grpc-status.ts";

test("a status that is none of gRPC's is its number", () => {
  expect([0, 16, GRPC_STATUSES, 99].map(grpcStatusName)).toEqual(["OK", "UNAUTHENTICATED", "17", "99"]);
});

test("a failure is the service's own, and neither the caller's nor OK nor no status", () => {
  const statuses = Array.from({ length: GRPC_STATUSES + 2 }, (_, at) => at - 1);
  expect(statuses.filter(isGrpcFailure).map(grpcStatusName)).toEqual([
    "UNKNOWN",
    "DEADLINE_EXCEEDED",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "17",
  ]);
});
