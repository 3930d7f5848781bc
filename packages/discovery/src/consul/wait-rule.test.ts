import { expect, test } from "vitest";
import { WaitRule } from "./wait-rule.ts";

test("halves the wait after three cuts at a steady age, and no further than 10 s", () => {
  const rule = new WaitRule(55_000);
  for (const [at, expected] of [27_500, 13_750, 10_000, 10_000].entries()) {
    const ageMs = Math.min(30_000, rule.waitMs(0) - 1_000);
    for (let i = 0; i < 3; i++) expect(rule.cut(ageMs, at)).toBe(true);
    expect(rule.waitMs(at)).toBe(expected);
  }
});

test.each([
  { ages: [30_000, 12_000, 30_000], why: "their ages differ" },
  { ages: [30_000, 30_000], why: "two may be chance" },
])("keeps the wait after cuts at $ages: $why", ({ ages }) => {
  const rule = new WaitRule(55_000);
  for (const age of ages) rule.cut(age, 0);
  expect(rule.waitMs(0)).toBe(55_000);
});

test("an answer in between starts the count again", () => {
  const rule = new WaitRule(55_000);
  for (let i = 0; i < 5; i++) {
    rule.cut(30_000, 0);
    if (i % 2 === 1) rule.answered();
  }
  expect(rule.waitMs(0)).toBe(55_000);
});

test.each([
  { ageMs: 100, why: "it was cut as soon as it was made" },
  { ageMs: 55_000, why: "the wait was over" },
])("a cut at $ageMs ms is a failure: $why", ({ ageMs }) => {
  expect(new WaitRule(55_000).cut(ageMs, 0)).toBe(false);
});

test("tries to grow again after ten minutes, step by step", () => {
  const rule = new WaitRule(55_000);
  for (let i = 0; i < 6; i++) rule.cut(rule.waitMs(0) - 20_000 > 5_000 ? 30_000 : 8_000, 0);
  const shrunk = rule.waitMs(599_999);
  expect(shrunk).toBeLessThan(55_000);
  expect(rule.waitMs(600_000)).toBe(Math.min(55_000, shrunk * 2));
});
