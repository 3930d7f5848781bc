import { expect, test } from "vitest";
import { ChurnGuard } from "./churn-guard.ts";

const [ONE, OTHER] = [1, 2];

test("a name has four entries on credit, and then one in 256", () => {
  const guard = new ChurnGuard();
  const admitted = Array.from({ length: 800 }, (_, i) => (enters(guard, ONE) ? i : -1)).filter((i) => i >= 0);
  expect(admitted).toEqual([0, 1, 2, 3, 259, 515, 771]);
  expect(enters(guard, OTHER)).toBe(true);
});

test("a use of an entry earns another one, up to eight", () => {
  const guard = new ChurnGuard();
  for (let i = 0; i < 4; i++) enters(guard, ONE);
  guard.hit(ONE);
  expect([enters(guard, ONE), enters(guard, ONE)]).toEqual([true, false]);
  for (let i = 0; i < 1_000; i++) guard.hit(ONE);
  expect(Array.from({ length: 10 }, () => enters(guard, ONE)).filter(Boolean)).toHaveLength(8);
});

test("of a name without credit one value in eight is looked for, until one of them was there", () => {
  const guard = new ChurnGuard();
  for (let i = 0; i < 4; i++) enters(guard, ONE);
  const looks = Array.from({ length: 24 }, (_, i) => (guard.isWorthALook(ONE) ? i : -1)).filter((i) => i >= 0);
  expect(looks).toEqual([7, 15, 23]);
  guard.hit(ONE);
  expect(guard.isWorthALook(ONE)).toBe(true);
});

/** A value that is not in the table. */
function enters(guard: ChurnGuard, slot: number): boolean {
  return guard.isWorthALook(slot) && guard.admit(slot);
}
