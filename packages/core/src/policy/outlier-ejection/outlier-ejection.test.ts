import { seededRandom, sequenceRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { vectors } from "../../vectors.suite.ts";
import { ejectionMs, stillCounted } from "./ejection-time.ts";
import { EndpointFitness } from "./endpoint-fitness.ts";
import { whyKept } from "./floor-rule.ts";
import { OUTLIER_DEFAULTS } from "./options.ts";

describe("ejection time", () => {
  const { baseEjectionMs: baseMs, maxEjectionMs: maxMs } = OUTLIER_DEFAULTS;
  const options = OUTLIER_DEFAULTS;

  test.each(vectors.ejection_ms.cases)("doubles from $baseMs ms to $maxMs ms, as with $of", (row) => {
    const changed = { ...options, baseEjectionMs: row.baseMs, maxEjectionMs: row.maxMs };
    const times = row.series.map((_, earlier) => ejectionMs(earlier, 0, changed, sequenceRandom([0])));
    expect(times).toEqual(row.series);
  });

  test("has weft's numbers by default", () => {
    expect(vectors.ejection_ms.cases[0]).toMatchObject({ of: "weft", baseMs, maxMs });
  });

  test("is up to a fifth longer by chance, and never shorter", () => {
    const random = seededRandom(1);
    for (let i = 0; i < 500; i++) {
      const ms = ejectionMs(0, 0, options, random);
      expect(ms >= baseMs && ms < baseMs * 1.2).toBe(true);
    }
  });

  test("is finite after any number of ejections", () => {
    expect(ejectionMs(1e6, 0, options, sequenceRandom([0]))).toBe(maxMs);
  });

  test.each([
    { earlier: 0, failingMs: 4_000, forMs: 5_000 },
    { earlier: 0, failingMs: 32_000, forMs: 32_000 },
    { earlier: 3, failingMs: 32_000, forMs: 40_000 },
    { earlier: 0, failingMs: 1e9, forMs: maxMs },
    { earlier: 0, failingMs: -1_000, forMs: 5_000 }, // a clock that was set back
  ])("after $earlier earlier ones and $failingMs ms of failing is $forMs ms", ({ earlier, failingMs, forMs }) => {
    expect(ejectionMs(earlier, failingMs, options, sequenceRandom([0]))).toBe(forMs);
  });

  test.each([
    { ejections: 3, fitMs: 0, left: 3 },
    { ejections: 3, fitMs: 29_999, left: 3 },
    { ejections: 3, fitMs: 30_000, left: 2 },
    { ejections: 3, fitMs: 1e9, left: 0 },
    { ejections: 3, fitMs: -5, left: 3 },
  ])("of $ejections ejections $left count after $fitMs ms of fitness", ({ ejections, fitMs, left }) => {
    expect(stillCounted(ejections, fitMs)).toBe(left);
  });
});

describe("floor rule", () => {
  test.each(vectors.max_ejected.cases)("lets $allowed of $members be ejected at a ratio of $ratio", (step) => {
    let ejected = 0;
    while (whyKept(step.members, ejected, step.members - ejected, step.ratio) === undefined) ejected++;
    expect(ejected).toBe(step.allowed);
  });

  test("never gives up the last, whatever the ratio", () => {
    for (let members = 1; members < 30; members++) {
      for (const ratio of [0, 0.5, 1]) {
        let ejected = 0;
        while (whyKept(members, ejected, members - ejected, ratio) === undefined) ejected++;
        expect(members - ejected).toBeGreaterThanOrEqual(1);
      }
    }
  });
});

describe("endpoint fitness", () => {
  test("wants ejection at the fifth failure in a row, and a success starts the count anew", () => {
    const fitness = new EndpointFitness();
    const wants = (): boolean => fitness.failed("reset", 0, OUTLIER_DEFAULTS);
    expect([wants(), wants(), wants(), wants()]).toEqual([false, false, false, false]);
    fitness.succeeded();
    expect([wants(), wants(), wants(), wants(), wants()]).toEqual([false, false, false, false, true]);
  });

  test("counts no overload", () => {
    const fitness = new EndpointFitness();
    for (let i = 0; i < 100; i++) expect(fitness.failed("overloaded", 0, OUTLIER_DEFAULTS)).toBe(false);
    expect(fitness.consecutive).toBe(0);
  });

  test("stays out twice as long when ejected again at once, and is forgiven in time", () => {
    const fitness = new EndpointFitness();
    const random = { below: () => 0, unit: () => 0 };
    expect(fitness.eject(0, OUTLIER_DEFAULTS, random)).toBe(5_000);
    fitness.probe(5_000, true);
    expect(fitness.eject(5_001, OUTLIER_DEFAULTS, random)).toBe(10_000);
    fitness.probe(15_001, true);
    fitness.restore(15_002);
    expect(fitness.eject(15_002 + 60_000, OUTLIER_DEFAULTS, random)).toBe(5_000);
  });

  test.each([
    { failedMs: [0, 14_000, 32_000], forMs: 32_000 },
    { failedMs: [0, 1, 2], forMs: 5_000 },
    { failedMs: [0, 40_000, 54_000, 72_000], forMs: 32_000 }, // of the 40 s nobody knows
    { failedMs: [0, 600_000], forMs: 5_000 },
  ])("that failed at $failedMs and never answered well stays out for $forMs ms", ({ failedMs, forMs }) => {
    const fitness = new EndpointFitness();
    for (const atMs of failedMs) fitness.failed("server-error", atMs, OUTLIER_DEFAULTS);
    expect(fitness.eject(failedMs.at(-1)!, OUTLIER_DEFAULTS, sequenceRandom([0]))).toBe(forMs);
  });

  test("that answered well in between begins to fail anew", () => {
    const fitness = new EndpointFitness();
    fitness.failed("server-error", 0, OUTLIER_DEFAULTS);
    fitness.succeeded();
    fitness.failed("server-error", 20_000, OUTLIER_DEFAULTS);
    expect(fitness.eject(20_000, OUTLIER_DEFAULTS, sequenceRandom([0]))).toBe(5_000);
  });
});
