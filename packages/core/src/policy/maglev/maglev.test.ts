import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashOf, hashVectors } from "../../hash/hash-vectors.suite.ts";
import { xxh64 } from "../../hash/xxh64.ts";
import { countsOf, homesIn, placed, strays } from "../consistent-hash/placement.suite.ts";
import { pickerSuite } from "../picker.suite.ts";
import { MAGLEV_SLOTS, maglev } from "./maglev.ts";
import { MaglevTable } from "./maglev-table.ts";

pickerSuite(maglev);

const place = (keys: readonly string[], weights: readonly number[]) => new MaglevTable(keys, weights, MAGLEV_SLOTS);

describe("Envoy's table", () => {
  test.each(hashVectors.maglev)("of $hosts with $m slots is Envoy's", ({ hosts, m, table, counts }) => {
    const names = hosts.map(([name]) => name);
    const { slots } = new MaglevTable(
      names,
      hosts.map(([, weight]) => weight),
      m,
    );
    const owners = Array.from(slots, (at) => names[at]!);
    if (table !== undefined) expect(owners).toEqual(table);
    if (counts !== undefined) expect([...countsOf(owners)].toSorted()).toEqual(counts);
  });

  test.each([
    { probe: 0, host: "127.0.0.1:91" },
    { probe: 1, host: "127.0.0.1:90" },
    { probe: 2, host: "127.0.0.1:95" },
  ])("sends attempt $probe of the hash 10 to $host", ({ probe, host }) => {
    const names = hashVectors.maglev[0]!.hosts.map(([name]) => name);
    expect(placed(new MaglevTable(names, Array(6).fill(1), 7), names, 10n, probe)).toBe(host);
  });

  test("gives each its share to the slot", () => {
    const { slots } = new MaglevTable(["a", "b", "c", "d", "e"], [1, 1, 1, 1, 1], MAGLEV_SLOTS);
    const counts = [...countsOf(Array.from(slots, String)).values()];
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  test("gives each of 10,000 endpoints its first turn, and nearly all others to one that weighs a billion", () => {
    const names = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(5, "0"));
    const { slots } = new MaglevTable(names, [1e9, ...Array(9_999).fill(1)], MAGLEV_SLOTS);
    expect(new Set(slots).size).toBe(10_000);
    expect(slots.filter((place) => place === 0)).toHaveLength(MAGLEV_SLOTS - 9_999);
  });

  test("is that of the plain rule for any weights, which looks at every endpoint in every round", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 30 }),
        (weights) => {
          const names = weights.map((_, i) => `10.0.0.${i}:80`);
          expect([...new MaglevTable(names, weights, 1_009).slots]).toEqual(plainTable(names, weights, 1_009));
        },
      ),
      { seed: 7, numRuns: 50 },
    );
  });

  test("has a slot for each of 10,000 endpoints", () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}:80`);
    const { slots } = new MaglevTable(names, Array(10_000).fill(1), MAGLEV_SLOTS);
    expect(new Set(slots).size).toBe(10_000);
  });
});

test.each([0, 2, 4, 9, 65_536, 5_000_012, 7.5, Number.NaN])(
  "refuses %d slots, which are no prime in its range",
  (slots) => {
    expect(() => maglev({ slots })).toThrow(`slots: ${slots} is not a prime in 3..5000011`);
  },
);

test("gives shares by weight, and moves next to nothing beyond the keys of an endpoint that goes", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 8 }), (list) => {
      const weights = new Map(list.map((weight, i) => [`10.0.0.${i}:80`, weight]));
      const total = list.reduce((sum, weight) => sum + weight, 0);
      const before = homesIn(place, weights, 2_000);
      const counts = countsOf(before);
      for (const [name, weight] of weights) {
        const share = weight / total;
        // The table is even, so what strays is the draw of 2,000 keys: five deviations of a binomial.
        const bound = 5 * Math.sqrt((share * (1 - share)) / before.length);
        expect(Math.abs((counts.get(name) ?? 0) / before.length - share), name).toBeLessThan(bound);
      }
      const gone = "10.0.0.1:80";
      const after = homesIn(place, new Map([...weights].filter(([name]) => name !== gone)), 2_000);
      expect(strays(before, after, gone)).toBeLessThan(2_000 * 0.1);
    }),
    { seed: 7, numRuns: 20 },
  );
});

/** Envoy's rule as it is written down. */
function plainTable(names: readonly string[], weights: readonly number[], size: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  const most = Math.max(...shares);
  const hosts = names.map((name, i) => ({
    at: Number(hashOf(xxh64, name) % BigInt(size)),
    skip: Number(hashOf(xxh64, name, 1n) % BigInt(size - 1)) + 1,
    share: shares[i]!,
    owed: 0,
  }));
  const table: number[] = Array(size).fill(-1);
  for (let round = 1, left = size; left > 0; round++) {
    hosts.forEach((host, i) => {
      if (left === 0 || round * host.share < host.owed) return;
      host.owed += most;
      while (table[host.at] !== -1) host.at = (host.at + host.skip) % size;
      table[host.at] = i;
      left--;
    });
  }
  return table;
}
