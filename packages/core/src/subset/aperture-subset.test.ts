import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { many } from "../cluster/stage.suite.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { apertureSubset, type ApertureSubsetOptions } from "./aperture-subset.ts";

type Options = Partial<ApertureSubsetOptions> & Pick<ApertureSubsetOptions, "clients">;

/** What each client uses. */
function subsets(endpoints: readonly Endpoint[], options: Options): (readonly Endpoint[])[] {
  return Array.from({ length: options.clients }, (_, self) =>
    apertureSubset(endpoints, { byZone: false, self, ...options }),
  );
}

/** What each endpoint gets of all clients, when each spreads one over those that it uses, by weight and part. */
function loads(all: readonly (readonly Endpoint[])[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const used of all) {
    const sum = used.reduce((total, one) => total + one.weight * (one.part ?? 1), 0);
    for (const one of used) found.set(one.id, (found.get(one.id) ?? 0) + (one.weight * (one.part ?? 1)) / sum);
  }
  return found;
}

const ids = (endpoints: readonly Endpoint[]): string[] => endpoints.map(({ id }) => id);

const clients = fc.integer({ min: 1, max: 40 });
const size = fc.integer({ min: 1, max: 80 });

describe("an aperture", () => {
  test("of one client is everything, as it came", () => {
    const all = many(80);
    expect(subsets(all, { clients: 1 })[0]).toEqual(all);
  });

  test("has as many endpoints as it is to have, and at an edge parts of two", () => {
    // A hundred clients and 80 endpoints: 15 places of a hundredth are the least that hold 12 endpoints.
    const [first, second] = subsets(many(80), { clients: 100 });
    const whole = (used: readonly Endpoint[]) => used.reduce((sum, { part = 1 }) => sum + part, 0);
    expect(first).toHaveLength(12);
    expect(first!.every(({ part }) => part === undefined)).toBe(true);
    expect(second).toHaveLength(13);
    const parts = second!.flatMap(({ part }) => part ?? []).toSorted();
    expect(parts).toHaveLength(2);
    expect(parts[0]).toBeCloseTo(0.2, 9);
    expect(parts[1]).toBeCloseTo(0.8, 9);
    expect(whole(second!)).toBeCloseTo(12, 9);
  });

  test("loads all endpoints alike over all clients, whatever their numbers", () => {
    fc.assert(
      fc.property(clients, size, fc.integer({ min: 1, max: 30 }), (count, endpoints, least) => {
        const found = loads(subsets(many(endpoints), { clients: count, least }));
        expect(found.size).toBe(endpoints);
        for (const load of found.values()) expect(load).toBeCloseTo(count / endpoints, 9);
      }),
      { seed: 7 },
    );
  });

  test("is the same whatever the order in which the registry tells, and uses nobody else", () => {
    fc.assert(
      fc.property(clients, size, (count, endpoints) => {
        const all = many(endpoints);
        const [told, turned] = [subsets(all, { clients: count }), subsets(all.toReversed(), { clients: count })];
        told.forEach((used, i) => {
          expect(turned[i]!.toReversed()).toEqual(used);
          const order = ids(all).filter((id) => ids(used).includes(id));
          expect(ids(used)).toEqual(order);
          expect(used.length).toBeGreaterThanOrEqual(Math.min(12, endpoints));
        });
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  test("changes by one endpoint at each end, and a place at most, when one comes, goes or fails its checks", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 40 }),
        fc.integer({ min: 20, max: 80 }),
        fc.nat(),
        (count, endpoints, which) => {
          const all = many(endpoints);
          const gone = all.filter((_, i) => i !== which % endpoints);
          const fails = all.map((one, i) => (i === which % endpoints ? { ...one, state: "failing" as const } : one));
          const before = subsets(all, { clients: count, least: 10 });
          for (const after of [
            subsets(gone, { clients: count, least: 10 }),
            subsets(fails, { clients: count, least: 10 }),
          ]) {
            before.forEach((used, i) => {
              const fresh = ids(after[i]!).filter((id) => !ids(used).includes(id));
              // One at each end; and another place of the ring, when the least is a larger part of fewer endpoints.
              const wider = Math.ceil(endpoints / count);
              expect(fresh.length).toBeLessThanOrEqual(2 + wider);
            });
          }
        },
      ),
      { seed: 7 },
    );
  });

  test("moves by no more than the places move when a client comes or goes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), size, (count, endpoints) => {
        const all = many(endpoints);
        const before = subsets(all, { clients: count });
        const after = subsets(all, { clients: count + 1 });
        before.forEach((used, i) => {
          const fresh = ids(after[i]!).filter((id) => !ids(used).includes(id));
          // A place is an (n + 1)th of the ring, and nobody moves by more; the ends of an arc cut two endpoints, and its
          // width is a whole number of places, before and after.
          expect(fresh.length).toBeLessThanOrEqual(Math.ceil((3 * endpoints) / (count + 1)) + 2);
        });
      }),
      { seed: 7 },
    );
  });

  test("keeps those known that fail their checks among those it uses, and has its number without them", () => {
    const all = many(60).map((one, i) => (i % 3 === 0 ? { ...one, state: "failing" as const } : one));
    const used = subsets(all, { clients: 10, least: 8 });
    const sum = used.flatMap((one) => one.filter(({ state }) => state === "passing"));
    for (const one of used) {
      expect(one.filter(({ state }) => state === "passing")).toHaveLength(8);
      expect(one.filter(({ state }) => state === "failing").length).toBeGreaterThan(0);
      expect(one.length).toBeLessThan(20);
    }
    expect(new Set(ids(sum)).size).toBe(40);
    expect(new Set(used.flatMap(ids)).size).toBe(60);
  });

  test("goes by those that fail when none passes", () => {
    const all = many(60).map((one) => ({ ...one, state: "failing" as const }));
    for (const used of subsets(all, { clients: 10, least: 12 })) expect(used).toHaveLength(12);
  });

  test.each([0.001, 1, 1e9])("leaves a weight of %d as it is", (weight) => {
    for (const used of subsets(many(Array.from({ length: 60 }, () => weight)), { clients: 10, least: 12 })) {
      expect(used.every((one) => one.weight === weight)).toBe(true);
    }
  });

  test.each([0, 1])("of %d endpoints is all of them", (count) => {
    for (const used of subsets(many(count), { clients: 10, least: 12 })) expect(used).toHaveLength(count);
  });
});

describe("an aperture by zone", () => {
  const zoned = (counts: Readonly<Record<string, number>>): Endpoint[] => {
    return Object.entries(counts).flatMap(([zone, count]) =>
      Array.from({ length: count }, (_, i) => {
        const id = `${zone}${i}`;
        return endpoint({ id, host: `10.0.${zone.charCodeAt(0)}.${i}`, port: 80, locality: { zone } });
      }),
    );
  };

  test("has as many of each zone, and leaves each zone its weight", () => {
    const all = zoned({ a: 60, b: 30, c: 5 });
    for (const used of subsets(all, { clients: 10, least: 12, byZone: true })) {
      const of = (zone: string): Endpoint[] => used.filter(({ locality }) => locality?.zone === zone);
      for (const [zone, count, whole] of [
        ["a", 12, 60],
        ["b", 12, 30],
        ["c", 5, 5],
      ] as const) {
        expect(of(zone)).toHaveLength(count);
        expect(of(zone).reduce((sum, { weight, part = 1 }) => sum + weight * part, 0)).toBeCloseTo(whole, 9);
      }
    }
  });

  test("loads all endpoints of a zone alike, over all clients", () => {
    fc.assert(
      fc.property(clients, size, size, (count, a, b) => {
        const all = subsets(zoned({ a, b }), { clients: count, byZone: true });
        for (const zone of ["a", "b"]) {
          const found = [...loads(all.map((used) => used.filter(({ id }) => id.startsWith(zone)))).values()];
          for (const load of found) expect(load).toBeCloseTo(count / (zone === "a" ? a : b), 9);
        }
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  test("of one zone, or none, is the same as without", () => {
    const one = zoned({ a: 60 });
    for (const used of subsets(one, { clients: 10, byZone: true })) expect(used).toHaveLength(12);
    for (const used of subsets(many(60), { clients: 10, byZone: true })) expect(used).toHaveLength(12);
  });
});
