import { failure, RETRY_DEFAULTS, type RetryCondition } from "@weft/core";
import { describe, expect, test } from "vitest";
import { aHead } from "./a-head.suite.ts";
import { pushbackOf } from "./grpc-pushback.ts";
import { resultOfGrpcAnswer, retriedGrpcStatuses, statusForRetry } from "./grpc-retry.ts";

describe("statuses that are retried", () => {
  test.each<{ readonly on: readonly (RetryCondition | number)[]; readonly statuses: readonly number[] }>([
    { on: [], statuses: [] },
    { on: ["unavailable", "internal"], statuses: [13, 14] },
    { on: ["gateway-error"], statuses: [14] },
    { on: ["cancelled", "deadline-exceeded", "resource-exhausted"], statuses: [1, 4, 8] },
    { on: ["never-sent", 503], statuses: [] },
  ])("are $statuses of $on", ({ on, statuses }) => {
    expect([...retriedGrpcStatuses({ ...RETRY_DEFAULTS, on: new Set(on) })]).toEqual(statuses);
  });

  test("are none where nothing is retried", () => {
    const on = new Set<RetryCondition>(["unavailable"]);
    expect(retriedGrpcStatuses({ ...RETRY_DEFAULTS, on, maxRetries: 0 }).size).toBe(0);
    expect(retriedGrpcStatuses(undefined).size).toBe(0);
  });
});

describe("pushback", () => {
  test.each([
    [[], { pauseMs: undefined, forbidden: false }],
    [["grpc-retry-pushback-ms", "0"], { pauseMs: 0, forbidden: false }],
    [["grpc-retry-pushback-ms", "1500"], { pauseMs: 1_500, forbidden: false }],
    [["grpc-retry-pushback-ms", "-1"], { pauseMs: undefined, forbidden: true }],
    [["grpc-retry-pushback-ms", "soon"], { pauseMs: undefined, forbidden: true }],
    [["grpc-retry-pushback-ms", ""], { pauseMs: undefined, forbidden: true }],
    [["grpc-retry-pushback-ms", "9999999999"], { pauseMs: undefined, forbidden: true }],
    [["grpc-retry-pushback-ms", "1", "grpc-retry-pushback-ms", "2"], { pauseMs: undefined, forbidden: true }],
  ])("%j", (list, pushback) => {
    expect(pushbackOf(aHead({}, list))).toEqual(pushback);
  });
});

describe("what an answer says to retry", () => {
  test("is its status, or what its HTTP status stands for; nothing when it has begun", () => {
    expect(statusForRetry(aHead({ grpcStatus: 14 }))).toBe(14);
    expect(statusForRetry(aHead({ status: 503 }))).toBe(14);
    expect(statusForRetry(aHead({ status: 404 }))).toBe(12);
    expect(statusForRetry(aHead())).toBe(-1);
  });

  test("has the condition of the status, and the pause to the millisecond", () => {
    const head = aHead({ grpcStatus: 14 }, ["grpc-retry-pushback-ms", "7"]);
    expect(resultOfGrpcAnswer(head, 14, failure("server-error", 7), false)).toMatchObject({
      failure: "unavailable",
      status: 200,
      sent: "yes",
      forbidden: false,
      pushbackMs: 7,
    });
  });

  test("forbids what the endpoint forbids, in gRPC's terms or in HTTP's", () => {
    const never = aHead({ grpcStatus: 14 }, ["grpc-retry-pushback-ms", "-1"]);
    expect(resultOfGrpcAnswer(never, 14, failure("server-error"), false)).toMatchObject({ forbidden: true });
    expect(resultOfGrpcAnswer(aHead({ grpcStatus: 14 }), 14, failure("server-error"), true).forbidden).toBe(true);
    expect(resultOfGrpcAnswer(aHead({ grpcStatus: 14 }), 14, failure("server-error"), false)).not.toHaveProperty(
      "pushbackMs",
    );
  });

  test("of an HTTP status keeps its number, and its Retry-After", () => {
    expect(resultOfGrpcAnswer(aHead({ status: 503 }), 14, failure("server-error", 900), false)).toMatchObject({
      failure: "unavailable",
      status: 503,
      retryAfterMs: 900,
    });
    expect(resultOfGrpcAnswer(aHead({ status: 409 }), 2, failure("server-error"), false).failure).toBe("retriable-4xx");
  });
});
