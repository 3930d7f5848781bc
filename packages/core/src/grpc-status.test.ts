import { expect, test } from "vitest";
import { GRPC_STATUSES, grpcStatusName } from "./grpc-status.ts";

test("a status that is none of gRPC's is its number", () => {
  expect([0, 16, GRPC_STATUSES, 99].map(grpcStatusName)).toEqual(["OK", "UNAUTHENTICATED", "17", "99"]);
});
