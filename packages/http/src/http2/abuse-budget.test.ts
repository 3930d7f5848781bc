import { expect, test } from "vitest";
import { AbuseBudget, COST } from "./abuse-budget.ts";

test("a burst is let through up to two thousand points, and the next frame is not", () => {
  const budget = new AbuseBudget(0);
  const clock = { nowMs: () => 0 };
  for (let i = 0; i < 2_000 / COST.reset; i++) expect(budget.spend(COST.reset, clock)).toBe(false);
  expect(budget.spend(COST.other, clock)).toBe(true);
});

test("points come back with time, two thousand in a second", () => {
  const budget = new AbuseBudget(0);
  expect(budget.spend(2_000, { nowMs: () => 0 })).toBe(false);
  expect(budget.spend(1_000, { nowMs: () => 500 })).toBe(false);
  expect(budget.spend(1, { nowMs: () => 500 })).toBe(true);
});

test("work that ends well is given back, and never more than there was at first", () => {
  const budget = new AbuseBudget(0);
  const clock = { nowMs: () => 0 };
  budget.spend(1_999, clock);
  budget.giveBack(1_000_000);
  expect(budget.spend(2_000, clock)).toBe(false);
  expect(budget.spend(1, clock)).toBe(true);
});

test("a limit that nobody may exceed is spent at once", () => {
  expect(new AbuseBudget(0).spend(Number.POSITIVE_INFINITY, { nowMs: () => 1e9 })).toBe(true);
});
