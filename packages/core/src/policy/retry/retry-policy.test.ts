import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { failure, IGNORED, SUCCESS } from "../../outcome.ts";
import { vectors } from "../../vectors.suite.ts";
import { retryBudget } from "../retry-budget/retry-budget.ts";
import { RetryCap } from "../retry-budget/retry-cap.ts";
import { type AttemptResult, conditionOfGrpcStatus, conditionOfStatus } from "./attempt-result.ts";
import { backoffMs, BACKOFF_DEFAULTS } from "./backoff.ts";
import { decideRetry, RETRY_DEFAULTS, type RetryOptions, type RetryState, type RetryVerdict } from "./decide-retry.ts";
import { GATEWAY_ERROR } from "./failed-attempt.suite.ts";
import { attemptText, readAttempt } from "./other-attempt.ts";
import { parseRetryAfter } from "./retry-after.ts";

const refused: AttemptResult = {
  ...GATEWAY_ERROR,
  outcome: failure("connect"),
  failure: "connect-failure",
  status: 0,
  sent: "no",
};
const unavailable: AttemptResult = { ...GATEWAY_ERROR, failure: "unavailable", status: 200 };
const stale: AttemptResult = {
  ...GATEWAY_ERROR,
  outcome: IGNORED,
  failure: "stale-connection",
  status: 0,
  sent: "maybe",
};
const theirs = readAttempt("2/3;by=sdk");
const fresh: RetryState = {
  retries: 0,
  renewed: false,
  idempotent: true,
  repeatable: true,
  deadlineMs: 10_000,
  nowMs: 0,
};

describe("decide retry", () => {
  const cases: {
    why: string;
    result?: Partial<AttemptResult>;
    state?: Partial<RetryState>;
    options?: Partial<RetryOptions>;
    kind: string;
  }[] = [
    { why: "an idempotent call met a listed failure", kind: "retry" },
    { why: "nothing failed", result: { failure: undefined, status: 200, outcome: SUCCESS }, kind: "answered" },
    {
      why: "a status is listed by number",
      result: { failure: undefined, status: 418 },
      options: { on: new Set([418]) },
      kind: "retry",
    },
    { why: "the endpoint forbids it", result: { forbidden: true }, kind: "refused-by-endpoint" },
    { why: "the kind is not listed", result: { failure: "retriable-4xx", status: 409 }, kind: "not-listed" },
    { why: "the call is not idempotent", state: { idempotent: false }, kind: "not-idempotent" },
    { why: "it was never sent, idempotent or not", result: refused, state: { idempotent: false }, kind: "retry" },
    {
      why: "it was never sent, and that is not listed",
      result: { ...refused, failure: "connect-failure" },
      state: { idempotent: false },
      options: { on: new Set(["connect-failure" as const]) },
      kind: "not-idempotent",
    },
    { why: "the body cannot be sent again", state: { repeatable: false }, kind: "body" },
    { why: "the caller repeats it by itself", result: { leftTo: theirs }, kind: "left-to-caller" },
    {
      why: "the caller repeats it, and nobody has worked on it",
      result: { ...refused, leftTo: theirs },
      kind: "retry",
    },
    {
      why: "the caller repeats it, and its connection was closed",
      result: { ...stale, leftTo: theirs },
      kind: "retry",
    },
    {
      why: "what goes to the caller for the call's own sake is not left to it",
      result: { leftTo: theirs },
      state: { idempotent: false },
      kind: "not-idempotent",
    },
    { why: "maxRetries is used up", state: { retries: 1 }, kind: "attempts" },
    { why: "maxRetries is 0", options: { maxRetries: 0 }, kind: "attempts" },
    { why: "Retry-After is longer than is waited for", result: { retryAfterMs: 1_001 }, kind: "retry-after" },
    {
      why: "Retry-After outlasts the deadline",
      result: { retryAfterMs: 900 },
      state: { deadlineMs: 900 },
      kind: "retry-after",
    },
    { why: "the deadline has passed", state: { nowMs: 10_000 }, kind: "deadline" },
    {
      why: "a gRPC status that is listed is repeated, idempotent or not",
      result: unavailable,
      state: { idempotent: false },
      options: { on: new Set(["unavailable" as const]) },
      kind: "retry",
    },
    { why: "UNAVAILABLE is a gateway error", result: unavailable, kind: "retry" },
    {
      why: "UNAVAILABLE as a gateway error needs an idempotent call",
      result: unavailable,
      state: { idempotent: false },
      kind: "not-idempotent",
    },
    { why: "a gRPC status is not listed", result: { ...unavailable, failure: "internal" }, kind: "not-listed" },
    {
      why: "200 is no status that a list of statuses means",
      result: { ...unavailable, failure: undefined },
      kind: "answered",
    },
    { why: "a pushback is longer than is waited for", result: { pushbackMs: 1_001 }, kind: "retry-after" },
    {
      why: "a pushback outlasts the deadline",
      result: { pushbackMs: 900 },
      state: { deadlineMs: 900 },
      kind: "retry-after",
    },
  ];

  test.each(cases)("$kind: $why", ({ result, state, options, kind }) => {
    const verdict = decide({ ...GATEWAY_ERROR, ...result }, { ...fresh, ...state }, { ...RETRY_DEFAULTS, ...options });
    expect(verdict.kind === "deny" ? verdict.reason : verdict.kind).toBe(kind);
  });

  test("waits for Retry-After where that is longer than its own pause", () => {
    expect(decide({ ...GATEWAY_ERROR, retryAfterMs: 700 }, fresh, RETRY_DEFAULTS)).toEqual({
      kind: "retry",
      pauseMs: 700,
      free: false,
      placed: true,
    });
  });

  test.each([0, 7, 1_000])("waits exactly the %d ms of a pushback", (pushbackMs) => {
    const verdict = decide({ ...unavailable, retryAfterMs: 3, pushbackMs }, fresh, RETRY_DEFAULTS);
    expect(verdict).toEqual({ kind: "retry", pauseMs: pushbackMs, free: false, placed: true });
  });

  test("takes out of the budget only what it grants", () => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 0.1, windowMs: 10_000 }); // one retry
    const ask = (state: RetryState): string => {
      const rules = { options: RETRY_DEFAULTS, budget, cap: new RetryCap(() => 0) };
      return wordOf(decideRetry(GATEWAY_ERROR, state, rules, seededRandom(1)));
    };
    expect(ask({ ...fresh, idempotent: false })).toBe("not-idempotent");
    expect(ask({ ...fresh, retries: 1 })).toBe("attempts");
    expect(ask({ ...fresh, deadlineMs: 0 })).toBe("deadline");
    expect(ask(fresh)).toBe("retry");
    expect(ask(fresh)).toBe("budget");
  });

  test("takes a place in the cap with what it grants, and nothing out of the budget when there is none", () => {
    const budget = retryBudget();
    const cap = new RetryCap(() => 0, { concurrentRatio: 0.2, minConcurrent: 3 });
    const rules = { options: RETRY_DEFAULTS, budget, cap };
    const ask = (): string => wordOf(decideRetry(GATEWAY_ERROR, fresh, rules, seededRandom(1)));
    expect([ask(), ask(), ask(), ask()]).toEqual(["retry", "retry", "retry", "concurrency"]);
    expect([cap.running, budget.remaining(0)]).toEqual([3, 97]);
    const unsent = decideRetry(refused, fresh, rules, seededRandom(1));
    expect(unsent).toMatchObject({ kind: "retry", placed: false }); // nobody has more to do for it
    expect([cap.running, budget.remaining(0)]).toEqual([3, 96]);
    cap.release();
    expect(ask()).toBe("retry");
  });

  describe("a reused connection that ends without an answer", () => {
    const spent = {
      budget: retryBudget({ ratio: 0, minPerSecond: 0, windowMs: 10_000 }),
      cap: new RetryCap(() => 0, { concurrentRatio: 0, minConcurrent: 0 }),
    };

    test("is gone round at once, out of no budget and beyond the cap and maxRetries", () => {
      const rules = { options: RETRY_DEFAULTS, ...spent };
      const verdict = decideRetry(stale, { ...fresh, retries: 1 }, rules, seededRandom(1));
      expect(verdict).toEqual({ kind: "retry", pauseMs: 0, free: true, placed: false });
    });

    test("is gone round for any call when no byte of the request had left", () => {
      const rules = { options: RETRY_DEFAULTS, ...spent };
      const verdict = decideRetry({ ...stale, sent: "no" }, { ...fresh, idempotent: false }, rules, seededRandom(1));
      expect(verdict).toEqual({ kind: "retry", pauseMs: 0, free: true, placed: false });
    });

    const cases: { why: string; state?: Partial<RetryState>; options?: Partial<RetryOptions>; kind: string }[] = [
      { why: "for the second time", state: { renewed: true }, kind: "concurrency" },
      { why: "and the call may have run", state: { idempotent: false }, kind: "not-idempotent" },
      { why: "and its body is gone", state: { repeatable: false }, kind: "body" },
      { why: "and it is not listed", options: { on: new Set(["timeout" as const]) }, kind: "not-listed" },
      { why: "and there are to be no retries", options: { maxRetries: 0 }, kind: "attempts" },
      { why: "after the deadline", state: { nowMs: 10_000 }, kind: "deadline" },
    ];

    test.each(cases)("$kind: $why", ({ state, options, kind }) => {
      const rules = { options: { ...RETRY_DEFAULTS, ...options }, ...spent };
      expect(wordOf(decideRetry(stale, { ...fresh, ...state }, rules, seededRandom(1)))).toBe(kind);
    });
  });
});

describe("x-attempt", () => {
  test.each([
    ["1/3;by=sdk", { number: 1, most: 3, by: "sdk" }],
    [" 2/3;by=sidecar ", { number: 2, most: 3, by: "sidecar" }],
    ["2/3", { number: 2, most: 3, by: "other" }],
    ["2/3;by=envoy", { number: 2, most: 3, by: "other" }],
    ["2/3;by=constructor", { number: 2, most: 3, by: "other" }],
    ["", { number: 0, most: 0, by: "other" }],
    ["-1/3;by=sdk", { number: 0, most: 0, by: "other" }],
    ["1/3;by=sdk, 1/3;by=sdk", { number: 0, most: 0, by: "other" }],
    ["1".repeat(10_000), { number: 0, most: 0, by: "other" }],
  ])("%j", (text, attempt) => {
    expect(readAttempt(text)).toEqual(attempt);
  });

  test("counts no attempt beyond the last", () => {
    expect([1, 2, 3].map((number) => attemptText(number, 2, "sdk"))).toEqual([
      "1/2;by=sdk",
      "2/2;by=sdk",
      "2/2;by=sdk",
    ]);
  });
});

describe("backoff", () => {
  test.each(vectors.backoff.bounds.map(([low, high], i) => ({ retry: i + 1, low, high })))(
    "before retry $retry is anything from $low to $high ms",
    ({ retry, low, high }) => {
      const random = seededRandom(retry);
      const pauses = Array.from({ length: 2_000 }, () => backoffMs(retry, BACKOFF_DEFAULTS, random));
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...pauses)).toBeLessThan(high);
      // 2,000 draws leave the outer hundredths empty with 2 * 0.99^2000 = 4e-9.
      expect(Math.min(...pauses)).toBeLessThan(low + (high - low) / 100);
      expect(Math.max(...pauses)).toBeGreaterThan(high - (high - low) / 100);
    },
  );
});

describe("Retry-After", () => {
  test.each([
    ["0", 0],
    ["120", 120_000],
    [" 7 ", 7_000],
    ["Fri, 02 Jan 2026 03:04:15 GMT", 10_000],
    ["Fri, 02 Jan 2026 03:04:00 GMT", 0],
    ["1.5", 0],
    ["-1", 0],
    ["1e9", 0],
    ["99999999999999999999", 0],
    ["Fri, 02 Foo 2026 03:04:15 GMT", 0],
    ["soon", 0],
    ["", 0],
  ])("%j asks for %d ms", (value, ms) => {
    expect(parseRetryAfter(value, () => Date.UTC(2026, 0, 2, 3, 4, 5))).toBe(ms);
  });
});

test.each([
  [409, "retriable-4xx"],
  [500, undefined],
  [502, "gateway-error"],
  [503, "gateway-error"],
  [504, "gateway-error"],
  [200, undefined],
])("status %d meets the condition %s", (status, condition) => {
  expect(conditionOfStatus(status)).toBe(condition);
});

test("five of the gRPC statuses are conditions", () => {
  const met = Array.from({ length: 17 }, (_, code) => conditionOfGrpcStatus(code));
  expect(met.flatMap((condition, code) => (condition === undefined ? [] : [`${code} ${condition}`]))).toEqual([
    "1 cancelled",
    "4 deadline-exceeded",
    "8 resource-exhausted",
    "13 internal",
    "14 unavailable",
  ]);
});

function decide(result: AttemptResult, state: RetryState, options: RetryOptions): RetryVerdict {
  return decideRetry(result, state, { options, budget: retryBudget(), cap: new RetryCap(() => 0) }, seededRandom(1));
}

function wordOf(verdict: RetryVerdict): string {
  return verdict.kind === "deny" ? verdict.reason : verdict.kind;
}
