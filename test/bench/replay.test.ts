import { leastRequest, peakEwma, type Picker } from "@weft/core";
import { describe, expect, test } from "vitest";
import { measuredLatencies, replay, troubled } from "./scenarios.ts";
import { percentile, type Run, type Scenario, simulate, withinRatio } from "./simulation.ts";

const latencies = measuredLatencies();
const SEEDS = [7, 8, 9];

describe("peak EWMA, under virtual time", () => {
  test("answers 99.95 % of the replayed calls within a second while one of eleven endpoints takes two", () => {
    const scenario = replay(1, 11, 1_000, latencies);
    expect(mean(scenario, peakEwma, (run) => withinRatio(run, 1_000))).toBeGreaterThanOrEqual(0.9995);
  });

  test("answers 99.8 % where the slow one is one of three", () => {
    const scenario = replay(1, 3, 300, latencies);
    expect(mean(scenario, peakEwma, (run) => withinRatio(run, 1_000))).toBeGreaterThanOrEqual(0.998);
  });

  // The bounds are about twice what test/bench/replay.ts prints: coarse, to notice a change of kind.
  test.each([
    { what: "one of five fails fast", scenario: troubled(5, [{ failsFast: 1 }]), most: 0.003 },
    { what: "so it does, and 1 % of all fail", scenario: troubled(5, [{ failsFast: 1 }], 0.01), most: 0.015 },
    { what: "two of three fail fast", scenario: troubled(3, [{ failsFast: 1 }, { failsFast: 1 }]), most: 0.006 },
  ])("lets at most $most of the calls fail without an ejection or a retry while $what", ({ scenario, most }) => {
    const { failed, calls } = simulate(scenario, peakEwma, 7);
    expect(failed / calls).toBeLessThanOrEqual(most);
  });

  test("keeps the p99 near that of a healthy cluster, 92 ms, while one of five is five times slower", () => {
    expect(percentile(simulate(troubled(5, [{ slower: 5 }]), peakEwma, 7), 0.99)).toBeLessThan(120);
  });
});

test("the same seed gives the same run", () => {
  const scenario = { ...replay(2, 11, 1_000, latencies), seconds: 5 };
  expect(simulate(scenario, leastRequest, 3)).toEqual(simulate(scenario, leastRequest, 3));
});

function mean(scenario: Scenario, picker: () => Picker, measure: (run: Run) => number): number {
  const values = SEEDS.map((seed) => measure(simulate(scenario, picker, seed)));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
