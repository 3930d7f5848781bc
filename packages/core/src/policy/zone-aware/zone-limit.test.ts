import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limitedShares, ZONE_SPILL_DEFAULTS, type ZoneCondition, zoneLimit } from "./zone-limit.ts";

/** A zone of this latency in ms, and this much of it fit. */
const zone = (latencyMs: number | undefined, healthyRatio = 1): ZoneCondition => ({ latencyMs, healthyRatio });

describe("what a zone keeps by its latency", () => {
  test.each([
    { own: 10, others: 10, kept: 1, why: "they are alike" },
    { own: 30, others: 10, kept: 1, why: "three times is not over three times" },
    { own: 41, others: 10, kept: 0.7317, why: "3 / 4.1" },
    { own: 60, others: 10, kept: 0.5, why: "3 / 6" },
    { own: 10_000, others: 10, kept: 0.1, why: "somebody must see it get well" },
    { own: 5.5, others: 1, kept: 1, why: "it is less than 5 ms longer" },
    { own: 6, others: 1, kept: 0.5, why: "it is 5 ms longer" },
    { own: 50, others: 0, kept: 0.1, why: "others that take no time are taken to need 0.1 ms" },
    { own: 10, others: 500, kept: 1, why: "the others are worse" },
    { own: undefined, others: 10, kept: 1, why: "nothing is known of it" },
    { own: 500, others: undefined, kept: 1, why: "nothing is known of the others" },
  ])("is $kept with $own ms beside $others ms: $why", ({ own, others, kept }) => {
    expect(zoneLimit(zone(own), zone(others), ZONE_SPILL_DEFAULTS).byLatency).toBeCloseTo(kept, 4);
  });

  test("is all of it when the factor is 0", () => {
    expect(zoneLimit(zone(500), zone(1), { latencyFactor: 0, healthyRatio: 0.6 }).byLatency).toBe(1);
  });
});

describe("what a zone keeps by its health", () => {
  test.each([
    { own: 1, others: 1, kept: 1, why: "all are fit" },
    { own: 0.6, others: 1, kept: 1, why: "60 % are enough" },
    { own: 0.3, others: 1, kept: 0.5, why: "0.3 / 0.6" },
    { own: 0, others: 1, kept: 0.1, why: "somebody must see it get well" },
    { own: 0.3, others: 0.3, kept: 1, why: "leaving would not help" },
    { own: 0.2, others: 0.8, kept: 0.6667, why: "0.6 are missing, and 0.4 / 0.6" },
    { own: 0, others: 0.1, kept: 1, why: "the others are hardly better" },
    { own: 0.3, others: 0, kept: 1, why: "there is nobody else" },
  ])("is $kept with $own fit beside $others: $why", ({ own, others, kept }) => {
    expect(zoneLimit(zone(undefined, own), zone(undefined, others), ZONE_SPILL_DEFAULTS).byHealth).toBeCloseTo(kept, 4);
  });

  test("is all of it when the ratio is 0", () => {
    expect(zoneLimit(zone(1, 0), zone(1, 1), { latencyFactor: 3, healthyRatio: 0 }).byHealth).toBe(1);
  });
});

describe("shares under a limit", () => {
  test.each([
    { shares: [1, 0, 0], limit: [0.65, 1], capacities: [5, 3, 1], limited: [0.65, 0.2625, 0.0875] },
    { shares: [1, 0, 0], limit: [1, 0.5], capacities: [5, 5, 5], limited: [0.5, 0.25, 0.25] },
    { shares: [0.7, 0.2, 0.1], limit: [1, 0.8], capacities: [5, 2, 1], limited: [0.7, 0.2, 0.1] },
    { shares: [0.7, 0.2, 0.1], limit: [0.5, 1], capacities: [5, 1, 1], limited: [0.35, 0.375, 0.275] },
    { shares: [1, 0], limit: [0.5, 0.5], capacities: [5, 5], limited: [0.25, 0.75] },
    { shares: [1, 0], limit: [0.5, 0.5], capacities: [5, 0], limited: [1, 0] },
    { shares: [1], limit: [0.5, 0.5], capacities: [5], limited: [1] },
  ])("$shares with $limit and capacities of $capacities are $limited", ({ shares, limit, capacities, limited }) => {
    const found = limitedShares(shares, { byLatency: limit[0]!, byHealth: limit[1]! }, capacities);
    expect(found).toHaveLength(limited.length);
    found.forEach((share, i) => expect(share).toBeCloseTo(limited[i]!, 9));
  });

  const weight = fc.constantFrom(0, 0.001, 1, 3, 1e9);
  const condition = fc.record({
    latencyMs: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }), { nil: undefined }),
    healthyRatio: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  test("make one, take only from the own zone, and give to nobody without capacity", () => {
    fc.assert(
      fc.property(condition, condition, fc.array(weight, { minLength: 1, maxLength: 6 }), (own, others, capacities) => {
        const shares = capacities.map((_, i) => (i === 0 ? 1 : 0));
        const limit = zoneLimit(own, others, ZONE_SPILL_DEFAULTS);
        const found = limitedShares(shares, limit, capacities);
        expect(found.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        expect(found[0]).toBeGreaterThanOrEqual(0.01 - 1e-12);
        found.forEach((share, i) => {
          if (i > 0) expect(share).toBeGreaterThanOrEqual(0);
          if (i > 0 && capacities[i] === 0) expect(share).toBe(0);
        });
      }),
      { seed: 7 },
    );
  });
});
