import { expect, test } from "vitest";
import { CELLS, LATENCY, LATENCY_AT, OLDEST, PENDING } from "../../cluster/node-cells.ts";
import { forgetLatency } from "../peak-ewma/peak-latency.ts";
import { forgetLoad, inFlightAt, latencyAt, recordLoad } from "./told-load.ts";

/** Two rows, and those beside them: what is written for the second must not touch the first. */
const AT = CELLS;

function fresh(pending = 0): Float64Array {
  const cells = new Float64Array(CELLS * 4);
  forgetLatency(cells, AT);
  forgetLoad(cells, AT);
  cells[AT + PENDING] = pending;
  cells[AT + OLDEST] = Number.POSITIVE_INFINITY;
  return cells;
}

function told(inFlight: number | undefined, latencyMs?: number): Parameters<typeof recordLoad>[2] {
  return { perSecond: 0, errorsPerSecond: 0, utilization: 0, cpu: 0, inFlight, latencyMs };
}

test("adds our attempts since the report to what was told, and takes off those that ended", () => {
  const cells = fresh(3); // one of them is the one answered
  recordLoad(cells, AT, told(7), 1_000);
  cells[AT + PENDING] = 2;
  expect(inFlightAt(cells, AT, 1_000)).toBe(7);
  cells[AT + PENDING] = 5;
  expect(inFlightAt(cells, AT, 1_500)).toBe(10);
  cells[AT + PENDING] = 0;
  expect(inFlightAt(cells, AT, 1_500)).toBe(5);
});

test("knows of our own attempts at least, whatever is told", () => {
  const cells = fresh(6);
  recordLoad(cells, AT, told(0), 1_000);
  expect(inFlightAt(cells, AT, 1_000)).toBe(6);
});

test("forgets after a second what was told of requests in flight, and slowly what one takes", () => {
  const cells = fresh();
  recordLoad(cells, AT, told(9, 40), 1_000);
  expect(inFlightAt(cells, AT, 2_000)).toBe(9);
  expect(inFlightAt(cells, AT, 2_001)).toBe(0);
  expect(latencyAt(cells, AT, 2_000)).toBe(40);
  expect(latencyAt(cells, AT, 12_000)).toBeCloseTo(40 / Math.E, 9);
});

test("takes a report of one of the two for no news of the other", () => {
  const cells = fresh(2);
  recordLoad(cells, AT, told(undefined, 40), 1_000);
  expect(inFlightAt(cells, AT, 1_000)).toBe(2);
  expect(latencyAt(cells, AT, 1_000)).toBe(40);
  recordLoad(cells, AT, told(4), 1_100);
  expect(inFlightAt(cells, AT, 1_100)).toBe(5);
  expect(latencyAt(cells, AT, 1_100)).toBe(40);
});

test("has a latency of at least a third of our own peak, and of the age of an attempt that takes unusually long", () => {
  const cells = fresh();
  expect(latencyAt(cells, AT, 1_000)).toBeLessThan(0);
  cells[AT + LATENCY] = 300;
  cells[AT + LATENCY_AT] = 1_000;
  expect(latencyAt(cells, AT, 1_000)).toBe(300); // nothing was told
  recordLoad(cells, AT, told(0, 40), 1_000);
  expect(latencyAt(cells, AT, 1_000)).toBe(100);
  cells[AT + OLDEST] = 800;
  expect(latencyAt(cells, AT, 1_000)).toBe(100); // out for 200 ms: others have taken 300
  cells[AT + OLDEST] = 500;
  expect(latencyAt(cells, AT, 1_000)).toBe(500);
});

test("forgets what was told when the clock is set back, and does not wait for the hour to come again", () => {
  const cells = fresh();
  recordLoad(cells, AT, told(9, 40), 3_600_000);
  expect(inFlightAt(cells, AT, 3_599_000)).toBe(9);
  expect(inFlightAt(cells, AT, 0)).toBe(0);
  expect(latencyAt(cells, AT, 0)).toBeLessThan(0.001);
});

test("leaves the rows of others alone", () => {
  const cells = fresh(1);
  recordLoad(cells, AT, told(1e308, 1e308), 1_000);
  expect(cells.subarray(0, CELLS).every((cell) => cell === 0)).toBe(true);
  expect(cells.subarray(CELLS * 2, CELLS * 3).every((cell) => cell === 0)).toBe(true);
  expect(inFlightAt(cells, AT, 1_000)).toBe(1e9 + 1);
  expect(latencyAt(cells, AT, 1_000)).toBe(1e9);
});
