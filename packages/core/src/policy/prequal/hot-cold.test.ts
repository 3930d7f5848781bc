import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { vectors } from "../../vectors.suite.ts";
import { HOT_QUANTILE, hotColdScore, hotLine, lessBusyThanHot } from "./hot-cold.ts";

const { pool, cases } = vectors.prequal_hot_cold;

describe("the hot-cold rule", () => {
  test.each(cases)("of the pool takes $pick at the quantile $quantile", ({ quantile, line, pick }) => {
    const loads = Float64Array.from(pool, ([, inFlight]) => inFlight);
    expect(hotLine(loads, loads.length, quantile)).toBe(line);
    const scores = pool.map(([, inFlight, latencyMs]) => hotColdScore(inFlight, latencyMs, inFlight > line));
    expect(pool[scores.indexOf(Math.min(...scores))]![0]).toBe(pick);
  });

  test("has its line where sorting puts it", () => {
    const loads = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 32 });
    fc.assert(
      fc.property(loads, fc.double({ min: 0, max: 1, noNaN: true }), (of, quantile) => {
        const sorted = of.toSorted((a, b) => a - b);
        const line = sorted[Math.floor(quantile * (of.length - 1))];
        expect(hotLine(Float64Array.from(of), of.length, quantile)).toBe(line);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test("knows without a line, by how many are less busy, who is hot", () => {
    const loads = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 32 });
    fc.assert(
      fc.property(loads, (of) => {
        const line = hotLine(Float64Array.from(of), of.length, HOT_QUANTILE);
        for (const load of of) {
          const lessBusy = of.filter((other) => other < load).length;
          expect(lessBusy >= lessBusyThanHot(of.length)).toBe(load > line);
        }
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test("puts whoever is cold before whoever is hot, and the hot ones by load alone", () => {
    expect(hotColdScore(5, 1e10, false)).toBeLessThan(hotColdScore(6, 0, true));
    expect(hotColdScore(6, 1e10, true)).toBeLessThan(hotColdScore(6.001, 0, true));
  });
});
