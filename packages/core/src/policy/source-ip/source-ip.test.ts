import * as fc from "fast-check";
import { expect, test } from "vitest";
import { many } from "../../cluster/stage.suite.ts";
import { countsOf, keyedStage, strays } from "../consistent-hash/placement.suite.ts";
import { pickerSuite } from "../picker.suite.ts";
import { sourceIp } from "./source-ip.ts";

pickerSuite(sourceIp);

const CALLERS = Array.from({ length: 1_000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);

test("of five endpoints, one that goes moves its own callers and no other", () => {
  const stage = keyedStage(sourceIp(), 5);
  const before = CALLERS.map(stage.home);
  stage.cluster.update(many(5).filter(({ id }) => id !== "e3"));
  const after = CALLERS.map(stage.home);
  expect(strays(before, after, "e3")).toBe(0);
  expect(new Set(after.filter((_, i) => before[i] === "e3")).size).toBe(4); // they spread over those who stay
  stage.cluster.update(many(5));
  expect(CALLERS.map(stage.home)).toEqual(before);
});

test("whoever goes or comes, only its own callers move", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 2, maxLength: 12 }),
      fc.nat(),
      (present, which) => {
        const all = many(31).filter((_, i) => present.includes(i));
        const gone = all[which % all.length]!;
        const stage = keyedStage(sourceIp(), all);
        const callers = CALLERS.slice(0, 200);
        const before = callers.map(stage.home);
        stage.cluster.update(all.filter((one) => one !== gone));
        expect(strays(before, callers.map(stage.home), gone.id)).toBe(0);
      },
    ),
    { seed: 7, numRuns: 30 },
  );
});

test("gives endpoints callers by weight", () => {
  const stage = keyedStage(sourceIp(), many([1, 1, 2]));
  const counts = countsOf(CALLERS.map(stage.home));
  // 256 points and 1,000 callers: a share of a quarter strays by 0.02 each, a fifth of it by both is rare.
  expect(counts.get("e0")! / 1_000).toBeCloseTo(0.25, 1);
  expect(counts.get("e2")! / 1_000).toBeCloseTo(0.5, 1);
});
