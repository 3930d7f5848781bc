import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { vectors } from "../../vectors.suite.ts";
import { hotColdScore, hotLine } from "./hot-cold.ts";

const { pool, cases } = vectors.prequal_hot_cold;

describe("the hot-cold rule", () => {
  test.each(cases)("of the pool takes $pick at the quantile $quantile", ({ quantile, line, pick }) => {
    const loads = Float64Array.from(pool, ([, inFlight]) => inFlight);
    expect(hotLine(loads, 0, 1, loads.length, quantile)).toBe(line);
    const scores = pool.map(([, inFlight, latencyMs]) => hotColdScore(inFlight, latencyMs, line));
    expect(pool[scores.indexOf(Math.min(...scores))]![0]).toBe(pick);
  });

  test("has its line where sorting puts it, wherever the loads lie", () => {
    const loads = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 32 });
    fc.assert(
      fc.property(loads, fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 3 }), (of, q, at) => {
        const width = at + 1;
        const spread = new Float64Array(of.length * width);
        of.forEach((load, i) => (spread[at + i * width] = load));
        const sorted = of.toSorted((a, b) => a - b);
        expect(hotLine(spread, at, width, of.length, q)).toBe(sorted[Math.floor(q * (of.length - 1))]);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test("puts whoever is cold before whoever is hot, and the hot ones by load alone", () => {
    expect(hotColdScore(5, 1e10, 5)).toBeLessThan(hotColdScore(6, 0, 5));
    expect(hotColdScore(6, 1e10, 5)).toBeLessThan(hotColdScore(6.001, 0, 5));
  });
});
