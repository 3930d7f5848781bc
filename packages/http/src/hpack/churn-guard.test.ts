import { expect, test } from "vitest";
import { ChurnGuard } from "./churn-guard.ts";

const [ONE, OTHER] = [1, 2];

test("a name has four entries on credit, and then one in 256", () => {
  const guard = new ChurnGuard();
  const admitted = Array.from({ length: 800 }, (_, i) => (guard.admit(ONE) ? i : -1)).filter((i) => i >= 0);
  expect(admitted).toEqual([0, 1, 2, 3, 259, 515, 771]);
  expect(guard.admit(OTHER)).toBe(true);
});

test("a use of an entry earns another one, up to eight", () => {
  const guard = new ChurnGuard();
  for (let i = 0; i < 4; i++) guard.admit(ONE);
  guard.hit(ONE);
  expect([guard.admit(ONE), guard.admit(ONE)]).toEqual([true, false]);
  for (let i = 0; i < 1_000; i++) guard.hit(ONE);
  expect(Array.from({ length: 10 }, () => guard.admit(ONE)).filter(Boolean)).toHaveLength(8);
});
