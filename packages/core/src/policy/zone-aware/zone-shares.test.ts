import * as fc from "fast-check";
import { expect, test } from "vitest";
import { vectors } from "../../vectors.suite.ts";
import { ownZoneFirst, zoneShares } from "./zone-shares.ts";

test.each(vectors.zone_aware.cases)("of callers $callers and capacities $capacities is $shares", (row) => {
  const shares = zoneShares(row.callers, row.capacities) ?? [];
  expect(shares).toHaveLength(row.shares.length);
  shares.forEach((share, i) => expect(share).toBeCloseTo(row.shares[i]!, 4));
});

test("goes by nothing without callers in the own zone, or without capacity", () => {
  expect(zoneShares([0, 3], [1, 1])).toBeUndefined();
  expect(zoneShares([], [1, 1])).toBeUndefined();
  expect(zoneShares([1, 1], [0, 0])).toBeUndefined();
});

const size = fc.nat(1_000_000_000);
const zones = fc.array(fc.tuple(size, size), { minLength: 1, maxLength: 8 });

test("gives out all of the calls, and none to a zone without capacity", () => {
  fc.assert(
    fc.property(zones, (pairs) => {
      const capacities = pairs.map(([, capacity]) => capacity);
      const shares = zoneShares(
        pairs.map(([callers]) => callers),
        capacities,
      );
      if (shares === undefined) return;
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      shares.forEach((share, i) => {
        expect(share).toBeGreaterThanOrEqual(0);
        if (i > 0 && capacities[i] === 0) expect(share).toBe(0);
      });
    }),
    { seed: 7 },
  );
});

test("loads every endpoint alike when all callers do so", () => {
  // Two zones have less room than callers, two have more.
  const callers = [400, 300, 200, 100];
  const capacities = [250, 250, 250, 250];
  const loads = capacities.map(() => 0);
  callers.forEach((count, own) => {
    const order = [own, ...callers.keys()].filter((zone, i) => i === 0 || zone !== own);
    const shares = zoneShares(
      order.map((zone) => callers[zone]!),
      order.map((zone) => capacities[zone]!),
    );
    order.forEach((zone, i) => (loads[zone]! += count * shares![i]!));
  });
  for (const load of loads) expect(load).toBeCloseTo(250, 0);
});

test.each([
  { available: 7, others: [5, 5], shares: [1, 0, 0] },
  { available: 5, others: [5, 5], shares: [1, 0, 0] },
  { available: 4, others: [3, 1], shares: [0.8, 0.15, 0.05] },
  { available: 0, others: [3, 1], shares: [0, 0.75, 0.25] },
  { available: 1, others: [0, 0], shares: [1, 0, 0] },
  { available: 1, others: [], shares: [1] },
])(
  "keeps in an own zone with $available of 7, beside $others, and spills: $shares",
  ({ available, others, shares }) => {
    const found = ownZoneFirst({ available, total: 7 }, others);
    expect(found).toHaveLength(shares.length);
    found.forEach((share, i) => expect(share).toBeCloseTo(shares[i]!, 9));
  },
);
