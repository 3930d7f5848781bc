import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { CELLS } from "../../cluster/node-cells.ts";
import { vectors } from "../../vectors.suite.ts";
import { forgetFailures, readFailures, recordAttempt } from "./failure-ratio.ts";

function fresh(): Float64Array {
  const cells = new Float64Array(CELLS);
  forgetFailures(cells, 0);
  return cells;
}

test("follows the worked numbers, after an attempt that went well", () => {
  const cells = fresh();
  recordAttempt(cells, 0, false, 0);
  for (const [atMs, step, expected] of vectors.failure_ratio.steps) {
    if (step !== "read") recordAttempt(cells, 0, step === 1, atMs);
    expect(readFailures(cells, 0, atMs)).toBeCloseTo(expected, 5);
  }
});

test("counts a first attempt that fails in full, as it follows nothing", () => {
  const cells = fresh();
  recordAttempt(cells, 0, true, 90_000);
  expect(readFailures(cells, 0, 90_000)).toBe(1);
  recordAttempt(cells, 0, false, 90_000);
  expect(readFailures(cells, 0, 90_000)).toBeCloseTo(0.9, 9); // from then on as one of a burst
});

test("stays in [0, 1] whatever comes, also when the clock steps back", () => {
  const cells = fresh();
  const random = seededRandom(3);
  let atMs = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < 5_000; i++) {
    atMs += random.unit() * 2_000 - 500;
    recordAttempt(cells, 0, random.unit() < 0.7, atMs);
    least = Math.min(least, readFailures(cells, 0, atMs));
    most = Math.max(most, readFailures(cells, 0, atMs));
  }
  expect(least).toBeGreaterThanOrEqual(0);
  expect(most).toBeLessThanOrEqual(1);
});

test("settles near the share that fails", () => {
  const cells = fresh();
  const random = seededRandom(4);
  let sum = 0;
  const attempts = 4_000;
  for (let i = 0; i < attempts; i++) {
    recordAttempt(cells, 0, random.unit() < 0.2, i * 10);
    sum += readFailures(cells, 0, i * 10);
  }
  // An average of averages over about ten attempts: its deviation is that of the attempts, sqrt(0.16 / 4000) = 0.0063,
  // five of them 0.032; decay between attempts 10 ms apart takes off 0.1 %.
  expect(Math.abs(sum / attempts - 0.2)).toBeLessThan(0.035);
});
