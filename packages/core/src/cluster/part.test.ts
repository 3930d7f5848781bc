import { describe, expect, test } from "vitest";
import { sentence } from "../decision/sentence.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { SUCCESS } from "../outcome.ts";
import { leastRequest } from "../policy/least-request/least-request.ts";
import { peakEwma } from "../policy/peak-ewma/peak-ewma.ts";
import { random } from "../policy/random/random.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import { many, type Stage, stage } from "./stage.suite.ts";

/** How many of 10,000 calls the first endpoint gets, with so many under way at once. */
function firstOf({ cluster, clock, call }: Stage, underWay: number): number {
  const held: ReturnType<typeof cluster.acquire>[] = [];
  for (let i = 0; i < 10_000; i++) {
    clock.now += 1;
    held.push(cluster.acquire(call()));
    if (held.length > underWay) held.shift()!.release(SUCCESS);
  }
  return cluster.snapshot().endpoints[0]!.attempts;
}

const edged = (count: number, part: number): Endpoint[] => {
  return many(count).map((one, i) => (i === 0 ? { ...one, part } : one));
};

describe.each([peakEwma, leastRequest, roundRobin, random])(
  "an endpoint of which a part is another caller's",
  (picker) => {
    const kind = picker().kind;

    test.each([0, 10])(`gets that part of its picks by ${kind}, with %d calls under way`, (underWay) => {
      const quarter = firstOf(stage(edged(12, 0.25), { picker: picker() }), underWay);
      const whole = 10_000 / 11.25;
      // A balancer that goes by load comes back sooner to one that it has passed on: up to twice as often.
      expect(quarter).toBeGreaterThan(0.25 * whole * 0.7);
      expect(quarter).toBeLessThan(0.5 * whole);
    });
  },
);

test("one alone takes every call, whatever its part", () => {
  expect(firstOf(stage(edged(1, 0.01)), 0)).toBe(10_000);
});

test("a pick that passes on says so", () => {
  const { cluster, call } = stage(edged(2, 1e-9), { picker: roundRobin() });
  for (let i = 0; i < 2; i++) cluster.acquire(call()).release(SUCCESS);
  const told = cluster.explain().map(sentence).join("\n");
  expect(told).toContain(
    "goes to e1: passed on by one that takes less, being new (slowStart) or in part another caller's (subset)",
  );
});

test("the part changes with the membership, and counts for picks from then on", () => {
  const lab = stage(edged(2, 1e-9), { picker: roundRobin() });
  expect(firstOf(lab, 0)).toBe(0);
  lab.cluster.update(many(2));
  expect(firstOf(lab, 0)).toBe(5_000);
  expect(lab.journal.of("membership.changed").at(-1)).toMatchObject({ changed: ["e0"] });
});

test.each([0, -1, 1.5, Number.NaN])("a part of %d is refused", (part) => {
  expect(() => endpoint({ host: "10.0.0.1", port: 1, part })).toThrow(/: part .* is not in \(0, 1\]/);
});
