import { describe, expect, test } from "vitest";
import { vectors } from "../../vectors.suite.ts";
import { ADMISSION_DEFAULTS, admissionControl, refusedRatio } from "./admission-control.ts";

const draws = (unit: number) => ({ below: () => 0, unit: () => unit });

test.each(vectors.admission.cases)(
  "of $calls calls with $successes successes, aggression $aggression, it refuses $ratio",
  ({ calls, successes, aggression, ratio }) => {
    expect(refusedRatio(calls, successes, { ...ADMISSION_DEFAULTS, aggression })).toBeCloseTo(ratio, 5);
  },
);

describe("admission control", () => {
  /** So many calls at an instant, of which the first ones failed. */
  function after(calls: number, failed: number, atMs = 0) {
    const control = admissionControl();
    for (let i = 0; i < calls; i++) control.record(i < failed, atMs);
    return control;
  }

  test("refuses the share that is drawn below the ratio", () => {
    const control = after(1_000, 500);
    expect(control.refusedRatio(0)).toBeCloseTo(0.473211, 5);
    expect([control.admits(0, draws(0.47)), control.admits(0, draws(0.48))]).toEqual([false, true]);
  });

  test("refuses nothing while few call", () => {
    expect(after(299, 299).refusedRatio(0)).toBe(0); // 10 a second in 30 s are 300
    expect(after(300, 300).refusedRatio(0)).toBe(0.8);
  });

  test("lets a share through however bad it is, so that it learns of better times", () => {
    expect(after(10_000, 10_000).admits(0, draws(0.81))).toBe(true);
  });

  test("forgets what is older than its window", () => {
    const control = after(1_000, 1_000);
    expect(control.refusedRatio(29_000)).toBe(0.8);
    expect(control.refusedRatio(30_001)).toBe(0);
    expect(control.admits(30_001, draws(0))).toBe(true);
  });

  test("a clock that steps back neither throws nor forgets", () => {
    const control = after(1_000, 1_000, 60_000);
    expect(control.refusedRatio(10_000)).toBe(0.8);
  });
});
