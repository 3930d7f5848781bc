import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { type Importance, IMPORTANCES, type ImportanceShares } from "./importance.ts";

const SHARES: ImportanceShares = { critical: 0.5, normal: 0.3, low: 0.1 };

function limit(most: number, shares: ImportanceShares = SHARES): ConcurrencyLimit {
  const made = new ConcurrencyLimit("limits.calls", most);
  made.shares = shares;
  return made;
}

/** Takes all that it gets. */
function fill(of: ConcurrencyLimit, importance: Importance): number {
  let taken = 0;
  while (of.tryAcquire(importance)) taken++;
  return taken;
}

describe("shares of a limit", () => {
  test("that are idle may be borrowed, but for the last fifth of the limit", () => {
    expect(fill(limit(100), "low")).toBe(80);
    expect(fill(limit(100), "critical")).toBe(80);
  });

  test("leave room at once for who comes later, and give back what was borrowed as its calls end", () => {
    const calls = limit(100);
    expect(fill(calls, "low")).toBe(80);
    expect(fill(calls, "critical")).toBe(20);
    for (let ended = 0; ended < 80; ended++) {
      calls.release("low");
      // Whoever has more than its share asks first, and gets nothing as long as another has not its own.
      if (calls.runningOf("low") >= 10 && calls.runningOf("critical") < 50) expect(calls.tryAcquire("low")).toBe(false);
      calls.tryAcquire("critical");
    }
    expect(calls.runningOf("critical")).toBeGreaterThanOrEqual(50);
    expect(fill(calls, "low")).toBeGreaterThanOrEqual(10 - calls.runningOf("low"));
  });

  test("keep nothing for those who have theirs already: then the whole limit is used", () => {
    const calls = limit(100, { critical: 0.2, normal: 0, low: 0 });
    for (let i = 0; i < 20; i++) calls.tryAcquire("critical");
    expect(fill(calls, "low")).toBe(80);
  });

  test("of nothing for all make all alike", () => {
    expect(fill(limit(100, { critical: 0, normal: 0, low: 0 }), "low")).toBe(100);
  });

  test("never let more run than the limit, nor refuse one below its share while there is room", () => {
    const share = fc.double({ min: 0, max: 1 / 3, noNaN: true });
    const shares = fc.record({ critical: share, normal: share, low: share });
    const step = fc.record({ of: fc.constantFrom(...IMPORTANCES), ends: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), shares, fc.array(step, { maxLength: 200 }), (most, own, steps) => {
        const calls = limit(most, own);
        for (const { of, ends } of steps) {
          if (ends && calls.runningOf(of) > 0) calls.release(of);
          else if (!ends) {
            const due = calls.running < most && calls.runningOf(of) < own[of] * most;
            const taken = calls.tryAcquire(of);
            if (due) expect(taken).toBe(true);
          }
          expect(calls.running).toBeLessThanOrEqual(most);
          expect(calls.running).toBe(IMPORTANCES.reduce((sum, one) => sum + calls.runningOf(one), 0));
        }
      }),
      { seed: 7 },
    );
  });
});
