import { expect, test } from "vitest";
import { slowStartRatio } from "./slow-start-ratio.ts";

// Source: reference 2.7, vectors `slow_start`: a weight of 100 in a window of 60 s.
test.each([
  { ageMs: 0, aggression: 1, counts: 10 },
  { ageMs: 1_000, aggression: 1, counts: 10 },
  { ageMs: 3_000, aggression: 2, counts: 22.3607 },
  { ageMs: 6_000, aggression: 1, counts: 10 },
  { ageMs: 15_000, aggression: 2, counts: 50 },
  { ageMs: 15_000, aggression: 0.5, counts: 10 },
  { ageMs: 30_000, aggression: 1, counts: 50 },
  { ageMs: 59_999, aggression: 1, counts: 99.9983 },
  { ageMs: 60_000, aggression: 1, counts: 100 },
  { ageMs: 1e9, aggression: 1, counts: 100 },
  { ageMs: -5_000, aggression: 1, counts: 10 },
])("after $ageMs ms of 60 s, at aggression $aggression, 100 counts for $counts", ({ ageMs, aggression, counts }) => {
  expect(100 * slowStartRatio(ageMs, 60_000, aggression)).toBeCloseTo(counts, 4);
});
