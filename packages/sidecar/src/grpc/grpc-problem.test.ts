import { grpcStatusName, MeshError, type MeshErrorCode } from "@weft/core";
import { expect, test } from "vitest";
import { problem, problemOf } from "../hop/problem.ts";
import { grpcProblem, grpcStatusOfBreak, grpcStatusOfProblem, grpcTrailers } from "./grpc-problem.ts";

test.each<readonly [MeshErrorCode, string]>([
  ["NO_ENDPOINTS", "UNAVAILABLE"],
  ["ALL_EJECTED", "UNAVAILABLE"],
  ["NOT_READY", "UNAVAILABLE"],
  ["CIRCUIT_OPEN", "UNAVAILABLE"],
  ["OVERLOADED", "UNAVAILABLE"],
  ["CLOSED", "UNAVAILABLE"],
  ["UNKNOWN_SERVICE", "UNAVAILABLE"],
  ["CONNECT_FAILED", "UNAVAILABLE"],
  ["CONNECTION_LOST", "UNAVAILABLE"],
  ["PROTOCOL_ERROR", "UNAVAILABLE"],
  ["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"],
  ["ATTEMPT_TIMEOUT", "DEADLINE_EXCEEDED"],
  ["BAD_CONFIG", "UNKNOWN"],
])("%s is told as %s", (code, name) => {
  expect(grpcStatusName(grpcStatusOfProblem(problemOf(new MeshError(code, "why"))))).toBe(name);
});

test("what an endpoint reset is told by the code of that", () => {
  const lost = problemOf(new MeshError("CONNECTION_LOST", "why"));
  expect([grpcStatusOfBreak(lost, 0x8), grpcStatusOfBreak(lost, undefined)]).toEqual([1, 14]);
});

test("is all in the head, with what was wrong in words and the code of the mesh", () => {
  const full = problemOf(new MeshError("OVERLOADED", "50 % too many", { service: "orders" }));
  expect([...grpcProblem(full, 14).entries()]).toEqual([
    ["content-type", "application/grpc"],
    ["grpc-status", "14"],
    ["grpc-message", "service orders: 50 %25 too many"],
    ["x-weft-error", "OVERLOADED"],
    ["x-envoy-overloaded", "true"],
  ]);
});

test("stands behind an answer that had begun without what belongs into a head", () => {
  expect([...grpcTrailers(problem(502, "CONNECTION_LOST", "a\r\nb: c"), 14).entries()]).toEqual([
    ["grpc-status", "14"],
    ["grpc-message", "a%0D%0Ab: c"],
    ["x-weft-error", "CONNECTION_LOST"],
  ]);
});
