import * as fc from "fast-check";
import { expect, test } from "vitest";
import { endpoint } from "../../endpoint.ts";
import { vectors } from "../../vectors.suite.ts";
import { priorityOf } from "./endpoint-priority.ts";
import { loadsByHealth, priorityLoads } from "./priority-loads.ts";

test.each(vectors.priority.cases)("of $healthyOfTotal gives $given", ({ healthyOfTotal, ...row }) => {
  const loads = priorityLoads(healthyOfTotal.map(([available, total]) => ({ available, total })));
  expect(loads.map(({ health }) => health)).toEqual(row.health);
  expect(loadsByHealth(row.health)).toEqual(row.loads);
  expect(loads.map(({ load }) => load)).toEqual(row.given);
  expect(loads.map(({ panic }) => panic)).toEqual(row.panic);
});

const capacity = fc
  .tuple(fc.nat(1_000), fc.nat(1_000))
  .map(([available, out]) => ({ available, total: available + out }));

test("gives out all of the calls, and panics only while the priorities together cannot take them", () => {
  fc.assert(
    fc.property(fc.array(capacity, { minLength: 1, maxLength: 6 }), (capacities) => {
      const loads = priorityLoads(capacities);
      const sum = loads.reduce((all, { load }) => all + load, 0);
      expect(sum).toBe(capacities.some(({ total }) => total > 0) ? 100 : 0);
      loads.forEach(({ load, panic }, i) => {
        expect(load).toBeGreaterThanOrEqual(0);
        // Who has nobody available gets calls in panic only.
        if (capacities[i]!.available === 0 && !panic) expect(load).toBe(0);
      });
      const health = loads.reduce((all, one) => all + one.health, 0);
      if (health >= 100) expect(loads.some(({ panic }) => panic)).toBe(false);
    }),
    { seed: 7 },
  );
});

test("gives all to the first while five sevenths of it are available", () => {
  expect(
    priorityLoads([
      { available: 5, total: 7 },
      { available: 9, total: 9 },
    ]).map(({ load }) => load),
  ).toEqual([100, 0]);
});

test("does so whatever fractions the weights are", () => {
  const sum = (count: number): number => Array.from({ length: count }, () => 0.1).reduce((a, b) => a + b, 0);
  expect(priorityLoads([{ available: sum(5), total: sum(7) }])[0]).toMatchObject({ health: 100 });
});

test("reads an endpoint's priority from its metadata, and takes what is no priority for the first", () => {
  const read = (priority: string): number => priorityOf(endpoint({ host: "10.0.0.1", port: 80, meta: { priority } }));
  expect(["0", "1", "128", "129", "-1", "1.5", "high", "", "1e2"].map(read)).toEqual([0, 1, 128, 0, 0, 0, 0, 0, 0]);
  expect(priorityOf(endpoint({ host: "10.0.0.1", port: 80 }))).toBe(0);
});
