import { seededRandom } from "@weft/testkit";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { vectors } from "../../vectors.suite.ts";
import { decideRetry, RETRY_DEFAULTS, type RetryRules, type RetryVerdict } from "../retry/decide-retry.ts";
import { GATEWAY_ERROR } from "../retry/failed-attempt.suite.ts";
import { retryBudget } from "./retry-budget.ts";
import { RETRY_CAP_DEFAULTS, RetryCap, type RetryCapOptions } from "./retry-cap.ts";

const ENVOY: RetryCapOptions = { concurrentRatio: 0.2, minConcurrent: 3 };

describe("cap on concurrent retries", () => {
  test.each(vectors.retry_cap.cases)("$allowed may be repeated at once while $calls calls are under way", (row) => {
    const rules = rulesOf(new RetryCap(() => row.calls, ENVOY));
    expect(Array.from({ length: 30 }, () => decide(rules).kind).filter((kind) => kind === "retry")).toHaveLength(
      row.allowed,
    );
    expect(decide(rules)).toEqual({ kind: "deny", reason: "concurrency" });
  });

  test.each([
    { concurrentRatio: 0.29, minConcurrent: 0, calls: 100, most: 29 }, // 28.999999999999996
    { concurrentRatio: 0, minConcurrent: 0, calls: 100, most: 0 },
    { concurrentRatio: 1, minConcurrent: 0, calls: 100, most: 100 },
    { concurrentRatio: 0.5, minConcurrent: 5, calls: 3, most: 5 },
  ])("$most of $calls calls with $concurrentRatio and $minConcurrent", ({ calls, most, ...options }) => {
    expect(new RetryCap(() => calls, options).most).toBe(most);
  });

  test("leaves as many as the reserve of the budget holds, in a service with few calls", () => {
    expect(new RetryCap(() => 10).most).toBe(retryBudget().remaining(0));
    expect(RETRY_CAP_DEFAULTS.concurrentRatio).toBe(ENVOY.concurrentRatio);
  });

  test("follows options that change while retries are under way", () => {
    const cap = new RetryCap(() => 0, ENVOY);
    const rules = rulesOf(cap);
    for (let i = 0; i < 3; i++) decide(rules);
    cap.options = { ...ENVOY, minConcurrent: 2 };
    cap.release();
    expect(decide(rules).kind).toBe("deny");
    cap.release();
    expect(decide(rules).kind).toBe("retry");
  });

  test("is never exceeded by a retry that it grants, whatever comes and goes", () => {
    const act = fc.oneof(fc.constant("fail"), fc.constant("end"), fc.nat(200));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 300 }), (acts) => {
        let calls = 0;
        const cap = new RetryCap(() => calls, ENVOY);
        const rules = rulesOf(cap);
        let underWay = 0;
        for (const one of acts) {
          if (typeof one === "number") calls = one;
          else if (one === "end" && underWay > 0) {
            underWay--;
            cap.release();
          } else if (one === "fail" && decide(rules).kind === "retry") {
            underWay++;
            expect(underWay).toBeLessThanOrEqual(Math.max(3, calls / 5));
          }
          expect(cap.running).toBe(underWay);
        }
      }),
      { seed: 20 },
    );
  });
});

function rulesOf(cap: RetryCap): RetryRules {
  return { options: RETRY_DEFAULTS, budget: retryBudget({ ratio: 1, minPerSecond: 1_000, windowMs: 10_000 }), cap };
}

/** What the rules say of one more idempotent call that has failed. */
function decide(rules: RetryRules): RetryVerdict {
  const state = {
    retries: 0,
    renewed: false,
    idempotent: true,
    repeatable: true,
    deadlineMs: Number.POSITIVE_INFINITY,
    nowMs: 0,
  };
  return decideRetry(GATEWAY_ERROR, state, rules, seededRandom(1));
}
