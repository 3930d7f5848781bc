import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import type { Phase } from "../scenario/scenario.ts";
import { Arrivals } from "./arrivals.ts";

function instants(phases: readonly Phase[], endMs: number): number[] {
  const arrivals = new Arrivals(phases, endMs, seededRandom(7));
  const all: number[] = [];
  for (; arrivals.nextMs < Infinity; arrivals.advance()) all.push(arrivals.nextMs);
  return all;
}

const uniform = (atMs: number, ratePerSecond: number): Phase => ({ atMs, ratePerSecond, process: "uniform" });

test("uniform calls come evenly spaced, before the end", () => {
  expect(instants([uniform(0, 10)], 500)).toEqual([100, 200, 300, 400]);
});

test("a phase begins at its time, whatever was to come by the rate before", () => {
  expect(instants([uniform(0, 1), uniform(250, 10), uniform(500, 0), uniform(900, 20)], 1_000)).toEqual([
    350, 450, 950,
  ]);
});

test("nobody calls at a rate of 0, nor after the end", () => {
  expect(instants([uniform(0, 0)], 1_000)).toEqual([]);
  expect(instants([uniform(0, 0), uniform(2_000, 10)], 1_000)).toEqual([]);
});

test("Poisson calls come at the rate on average, and as often in a short gap as chance has it", () => {
  const all = instants([{ atMs: 0, ratePerSecond: 1_000, process: "poisson" }], 100_000);
  // 100,000 expected with a deviation of 316; four of them.
  expect(Math.abs(all.length - 100_000)).toBeLessThan(1_265);
  const short = all.filter((atMs, i) => atMs - (all[i - 1] ?? 0) < 1).length / all.length;
  expect(short).toBeCloseTo(1 - Math.exp(-1), 2);
});
