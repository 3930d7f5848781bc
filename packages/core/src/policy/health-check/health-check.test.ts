import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { firstCheckMs, nextCheckMs, SCHEDULE_DEFAULTS } from "./check-schedule.ts";
import { EndpointHealth, HEALTH_DEFAULTS, type HealthThresholds } from "./endpoint-health.ts";

describe("endpoint health", () => {
  const cases: { why: string; results: string; states: string; thresholds?: HealthThresholds }[] = [
    { why: "one pass makes an unchecked one healthy", results: "+", states: "h" },
    { why: "one failure of an unchecked one decides nothing", results: "-", states: "?" },
    { why: "a pass between failures begins the count anew", results: "--+--", states: "??hhh" },
    { why: "three failures in a row make it unhealthy", results: "+---", states: "hhhu" },
    { why: "the same for one that never passed", results: "---", states: "??u" },
    { why: "two passes in a row make it healthy again", results: "---+-++", states: "??uuuuh" },
    { why: "more of the same changes nothing", results: "-----+++++", states: "??uuuuhhhh" },
    { why: "thresholds of one act at once", results: "-+-", states: "uhu", thresholds: { failAfter: 1, passAfter: 1 } },
  ];

  test.each(cases)("$why", ({ results, states, thresholds = HEALTH_DEFAULTS }) => {
    const health = new EndpointHealth();
    const seen = [...results].map((result) => {
      const before = health.unhealthy;
      const changed = health.checked(
        result === "+" ? { kind: "passed" } : { kind: "failed", why: "status 503" },
        thresholds,
        0,
      );
      expect(changed).toBe(before !== health.unhealthy);
      return { unchecked: "?", healthy: "h", unhealthy: "u" }[health.state.kind];
    });
    expect(seen.join("")).toBe(states);
  });

  test("says since when, how many failed, and why the last did", () => {
    const health = new EndpointHealth();
    const fail = (why: string, nowMs: number): void => {
      health.checked({ kind: "failed", why }, HEALTH_DEFAULTS, nowMs);
    };
    ["status 503", "status 503", "connection refused"].forEach((why, i) => fail(why, i * 100));
    expect(health.state).toEqual({
      kind: "unhealthy",
      sinceMs: 200,
      why: "3 checks failed in a row, the last: connection refused",
    });
    fail("no answer within 1000 ms", 300);
    expect(health.state).toEqual({
      kind: "unhealthy",
      sinceMs: 200,
      why: "4 checks failed in a row, the last: no answer within 1000 ms",
    });
    health.forget();
    expect(health.state).toEqual({ kind: "unchecked" });
  });
});

describe("check schedule", () => {
  test("spreads first checks over the interval, and keeps the others within a tenth of it", () => {
    const random = seededRandom(1);
    const first = Array.from({ length: 2_000 }, () => firstCheckMs(SCHEDULE_DEFAULTS, random));
    const next = Array.from({ length: 2_000 }, () => nextCheckMs(SCHEDULE_DEFAULTS, random));
    expect(Math.min(...first)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...first)).toBeLessThan(2_000);
    expect(Math.min(...next)).toBeGreaterThanOrEqual(1_800);
    expect(Math.max(...next)).toBeLessThan(2_200);
    // 2,000 draws leave an outer hundredth empty with 0.99^2000 = 2e-9.
    expect([Math.min(...first) < 20, Math.max(...first) > 1_980]).toEqual([true, true]);
    expect([Math.min(...next) < 1_804, Math.max(...next) > 2_196]).toEqual([true, true]);
  });
});
