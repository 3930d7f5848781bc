import { failure, IGNORED, SUCCESS } from "@weft/core";
import { Fields, NO_FIELDS } from "@weft/http";
import { describe, expect, test } from "vitest";
import { awaitsStatus, grpcStatusBehind, outcomeOfGrpcEnd, outcomeOfGrpcHead } from "./grpc-answer.ts";
import { aHead } from "./a-head.suite.ts";

describe("a head", () => {
  test("with 200 and no status is good so far, and the status is to come", () => {
    expect(awaitsStatus(aHead(), false)).toBe(true);
    expect(outcomeOfGrpcHead(aHead(), false)).toBe(SUCCESS);
  });

  test("that is all of the answer, and has no status, breaks the protocol", () => {
    expect(awaitsStatus(aHead(), true)).toBe(false);
    expect(outcomeOfGrpcHead(aHead(), true)).toEqual(failure("protocol"));
  });

  test.each([
    [0, SUCCESS],
    [1, IGNORED],
    [5, SUCCESS],
    [14, failure("server-error")],
  ])("with status %d says all there is to say", (grpcStatus, outcome) => {
    expect(awaitsStatus(aHead({ grpcStatus }), false)).toBe(false);
    expect(outcomeOfGrpcHead(aHead({ grpcStatus }), true)).toEqual(outcome);
  });

  test("with another HTTP status has nothing to come", () => {
    expect(awaitsStatus(aHead({ status: 503 }), false)).toBe(false);
  });

  test("may ask to leave the endpoint alone", () => {
    const head = aHead({ grpcStatus: 8 }, ["grpc-retry-pushback-ms", "40"]);
    expect(outcomeOfGrpcHead(head, true)).toEqual({ kind: "failure", reason: "overloaded", holdMs: 40 });
  });
});

describe("trailers", () => {
  test.each([
    [["grpc-status", "0"], 0, SUCCESS],
    [["grpc-status", "13", "grpc-message", "x"], 13, failure("server-error")],
    [["grpc-status", "many"], 2, failure("server-error")],
    [["x-sum", "1"], -1, failure("protocol")],
  ])("%j say how it ended", (list, status, outcome) => {
    const trailers = Fields.ofList(list);
    expect(grpcStatusBehind(trailers)).toBe(status);
    expect(outcomeOfGrpcEnd(status, trailers)).toEqual(outcome);
  });

  test.each([undefined, NO_FIELDS])("that are none break the protocol", (trailers) => {
    expect(outcomeOfGrpcEnd(grpcStatusBehind(trailers), trailers)).toEqual(failure("protocol"));
  });
});
