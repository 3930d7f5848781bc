import { expect, test } from "vitest";
import { CELLS } from "../../cluster/node-cells.ts";
import { vectors } from "../../vectors.suite.ts";
import { forgetLatency, latencyKnown, observeLatency, raiseLatency, readLatency } from "./peak-latency.ts";

function fresh(): Float64Array {
  const cells = new Float64Array(CELLS);
  forgetLatency(cells, 0);
  return cells;
}

test("follows the worked numbers of samples and reads", () => {
  const cells = fresh();
  for (const [step, atMs, ms, expected] of vectors.peak_latency.steps) {
    if (step === "obs") observeLatency(cells, 0, ms, atMs);
    expect(readLatency(cells, 0, atMs)).toBeCloseTo(expected, 5);
  }
});

test("jumps up at once and comes down slowly", () => {
  const cells = fresh();
  const { sampleMs, everyMs, peak } = vectors.peak_latency.series;
  sampleMs.forEach((ms, i) => {
    observeLatency(cells, 0, ms, i * everyMs);
    expect(readLatency(cells, 0, i * everyMs)).toBeCloseTo(peak[i]!, 5);
  });
});

test("is changed by no number of reads", () => {
  const cells = fresh();
  observeLatency(cells, 0, 100, 0);
  for (let atMs = 0; atMs <= 1_000; atMs += 100) readLatency(cells, 0, atMs);
  observeLatency(cells, 0, 50, 1_000);
  expect(readLatency(cells, 0, 1_000)).toBeCloseTo(95.241871, 5); // 90.483742 where reads count as samples of 0
});

test("knows nothing before the first sample, and reads that as a negative", () => {
  const cells = fresh();
  expect(latencyKnown(cells, 0)).toBe(false);
  for (const nowMs of [0, 50_000, 86_400_000, 1e12]) expect(readLatency(cells, 0, nowMs)).toBeLessThan(0);
  observeLatency(cells, 0, 0, 50_000);
  expect(latencyKnown(cells, 0)).toBe(true);
});

test("is raised by a slow failure and not lowered by a fast one", () => {
  const cells = fresh();
  observeLatency(cells, 0, 100, 0);
  raiseLatency(cells, 0, 1, 0);
  expect(readLatency(cells, 0, 0)).toBe(100);
  raiseLatency(cells, 0, 3_000, 0);
  expect(readLatency(cells, 0, 0)).toBe(3_000);
});

test("a reading from a little before finds the value as it was", () => {
  const cells = fresh();
  observeLatency(cells, 0, 100, 5_000);
  expect(readLatency(cells, 0, 4_500)).toBe(100);
  observeLatency(cells, 0, 200, 4_500);
  expect(readLatency(cells, 0, 5_000)).toBe(200);
});

test("a clock that is set back by an hour finds nothing left, and decays from there on", () => {
  const cells = fresh();
  observeLatency(cells, 0, 5_000, 3_600_000);
  expect(readLatency(cells, 0, 0)).toBeLessThan(1e-9); // as after an hour in which nobody called
  observeLatency(cells, 0, 100, 0);
  expect(readLatency(cells, 0, 0)).toBe(100);
  expect(readLatency(cells, 0, 10_000)).toBeCloseTo(100 / Math.E, 6);
});
