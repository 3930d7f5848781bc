import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ZONE_SPILL_DEFAULTS, type ZoneCondition } from "./zone-limit.ts";
import { ZoneSpill } from "./zone-spill.ts";

const zone = (latencyMs: number, healthyRatio = 1): ZoneCondition => ({ latencyMs, healthyRatio });

/** Looks once a second while the own zone answers in so many ms, and the others in 10. @returns what it keeps, in per cent */
function follow(spill: ZoneSpill, ownMs: readonly number[], fromMs = 0, healthy = 1): number[] {
  return ownMs.map((ms, i) => {
    spill.observe(zone(ms, healthy), zone(10), ZONE_SPILL_DEFAULTS, fromMs + i * 1_000);
    return Math.round(spill.limit.byLatency * 100);
  });
}

const seconds = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

test("a slow zone is left by and by, down to its limit, and returned to likewise", () => {
  const spill = new ZoneSpill();
  // To half of it, as six times is twice three: 50 % * exp(-t / 10 s) are left of the way.
  const slow = follow(spill, seconds(61, 60));
  expect([0, 1, 5, 10, 20, 60].map((at) => slow[at])).toEqual([100, 95, 80, 68, 57, 50]);
  const well = follow(spill, seconds(61, 10), 61_000);
  expect([0, 10, 60].map((at) => well[at])).toEqual([55, 83, 100]);
  expect(spill.why).toBe("");
});

test("says why, with the numbers of its last change", () => {
  const spill = new ZoneSpill();
  expect(spill.why).toBe("");
  follow(spill, seconds(10, 41));
  expect(spill.why).toBe("its latency is 4.1 x that of the others");
  follow(spill, seconds(2, 12), 10_000);
  expect(spill.why).toBe("its latency was too high, and is 1.2 x that of the others now");
  const failing = new ZoneSpill();
  follow(failing, seconds(10, 60), 0, 0.4);
  expect(failing.why).toBe("its latency is 6.0 x that of the others, and 40 % of it is fit, of the others 100 %");
  follow(failing, seconds(5, 60), 10_000, 0.9);
  expect(failing.why).toContain(", and it failed, and 90 % of it is fit, of the others 100 % now");
});

test("a latency that goes back and forth over the limit moves it little, and a look that changes nothing says so", () => {
  const spill = new ZoneSpill();
  const kept = follow(
    spill,
    Array.from({ length: 120 }, (_, i) => (i % 2 === 0 ? 40 : 20)),
  ).slice(60);
  // Halfway between 75 and 100, and at most a tenth of the way from one look to the next.
  expect(Math.min(...kept)).toBeGreaterThanOrEqual(86);
  expect(Math.max(...kept)).toBeLessThanOrEqual(89);
  const calm = new ZoneSpill();
  for (let at = 0; at < 100; at++) {
    expect(calm.observe(zone(12), zone(10), ZONE_SPILL_DEFAULTS, at * 1_000)).toBe(false);
  }
});

test("after a long pause, or with a clock that steps back, one look counts for two seconds at most", () => {
  const spill = new ZoneSpill();
  expect(follow(spill, [60], 1_000)).toEqual([100]);
  expect(follow(spill, [60], 3_600_000)).toEqual([91]); // 50 % * exp(-0.2)
  expect(follow(spill, [60], 0)).toEqual([91]);
  expect(follow(spill, [60], 1_000)).toEqual([87]);
});

test("callers who all see the same come to rest, where their calls slow the others down", () => {
  // Each zone answers in 10 ms, and slower the nearer its calls come to what it can take; the own one has lost most of
  // its pace. What the callers do then moves both.
  const spill = new ZoneSpill();
  const kept: number[] = [];
  for (let at = 0; at < 180; at++) {
    const own = spill.limit.byLatency;
    const here = 10 / Math.max(0.02, 1 - own * 0.95);
    const there = 10 / Math.max(0.02, 1 - (0.3 + (1 - own) * 0.5));
    spill.observe(zone(here), zone(there), ZONE_SPILL_DEFAULTS, at * 1_000);
    kept.push(own);
  }
  const late = kept.slice(-60);
  expect(Math.max(...late) - Math.min(...late)).toBeLessThanOrEqual(0.02);
  expect(late[0]).toBeLessThan(0.9);
  expect(late[0]).toBeGreaterThan(0.6);
});

const condition = fc.record({
  latencyMs: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }), { nil: undefined }),
  healthyRatio: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("whatever it sees, and whenever, it keeps a tenth at least and never moves by more than a fifth of the way", () => {
  const looks = fc.array(fc.tuple(condition, condition, fc.integer({ min: -5_000, max: 100_000 })), { maxLength: 50 });
  fc.assert(
    fc.property(looks, (seen) => {
      const spill = new ZoneSpill();
      let nowMs = 0;
      let before = spill.limit;
      for (const [own, others, elapsedMs] of seen) {
        spill.observe(own, others, ZONE_SPILL_DEFAULTS, (nowMs += elapsedMs));
        for (const part of ["byLatency", "byHealth"] as const) {
          expect(spill.limit[part]).toBeGreaterThanOrEqual(0.1);
          expect(spill.limit[part]).toBeLessThanOrEqual(1);
          // 1 - exp(-0.2) of at most 0.9, and what rounding to whole per cent adds.
          expect(Math.abs(spill.limit[part] - before[part])).toBeLessThan(0.18);
        }
        expect(spill.why === "").toBe(spill.limit.byLatency === 1 && spill.limit.byHealth === 1);
        before = spill.limit;
      }
    }),
    { seed: 7 },
  );
});
