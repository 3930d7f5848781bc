import { seededRandom } from "@weft/testkit";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OngoingCall } from "../call.ts";
import { many, outliers, type Stage, stage } from "../cluster/stage.suite.ts";
import { adaptiveLimit } from "../layer/adaptive-limit.ts";
import { failure, type Outcome, SUCCESS } from "../outcome.ts";
import { gradient2 } from "../policy/adaptive-concurrency/gradient2.ts";
import { vegas } from "../policy/adaptive-concurrency/vegas.ts";
import { CircuitBreaker } from "../policy/circuit-breaker/circuit-breaker.ts";
import { ConcurrencyLimit } from "../policy/concurrency-limit/concurrency-limit.ts";
import { OutcomeWindow } from "../policy/outcome-window.ts";
import { EndpointReport } from "../policy/reported-load/endpoint-report.ts";
import { retryBudget } from "../policy/retry-budget/retry-budget.ts";

// A `Clock` never steps back, and that of the homes is `performance.now`. When one does all the same, each policy lets go
// within its own time, and none waits for the hour to pass again. Those not here have the claim in their own tests.

const HOUR_MS = 3_600_000;
const FAILED = failure("server-error");
const LOAD = {
  perSecond: 100,
  errorsPerSecond: 0,
  utilization: 0.5,
  cpu: 0,
  inFlight: undefined,
  latencyMs: undefined,
};

describe("when the clock is set back by an hour", () => {
  test("an ejection lasts no longer from then on than the whole of it", () => {
    const lab = late(3, { outliers: outliers({ consecutiveFailures: 2 }) });
    fail(lab, 2);
    const { forMs } = lab.journal.of("endpoint.ejected")[0]!; // two failures in a row eject
    lab.clock.now -= HOUR_MS;
    lab.cluster.acquire(lab.call()).release(SUCCESS);
    lab.clock.now += forMs - 1;
    lab.cluster.acquire(lab.call()).release(SUCCESS);
    expect(lab.available()).toEqual(["e1", "e2"]);
    lab.clock.now += 1;
    lab.cluster.acquire(lab.call()).release(SUCCESS); // its trial
    expect(lab.available()).toEqual(["e0", "e1", "e2"]);
  });

  test("so does one by hand, and one without end stays without", () => {
    const lab = late(3);
    lab.cluster.eject("e0", 10_000);
    lab.cluster.eject("e1", Number.POSITIVE_INFINITY);
    lab.clock.now -= HOUR_MS;
    for (const ms of [0, 10_000]) {
      lab.clock.now += ms;
      lab.cluster.acquire(lab.call()).release(SUCCESS);
    }
    expect(lab.available()).toEqual(["e0", "e2"]);
  });

  test("an endpoint that had returned is ejected again when it fails", () => {
    const lab = late(3, { outliers: outliers({ consecutiveFailures: 2 }) });
    fail(lab, 2);
    lab.cluster.restore("e0");
    lab.clock.now -= HOUR_MS;
    fail(lab, 2);
    expect(lab.available()).toEqual(["e1", "e2"]);
  });

  test("a trial that only waits for an idempotent call takes any other after a base ejection time", () => {
    const options = outliers({ consecutiveFailures: 2, baseEjectionMs: 1_000 });
    const lab = late(3, { outliers: options });
    fail(lab, 2);
    lab.clock.now += 2_000;
    lab.cluster.acquire(lab.call(false)).release(SUCCESS);
    expect(lab.cluster.snapshot().endpoints[0]?.fitness.kind).toBe("probing");
    lab.clock.now -= HOUR_MS;
    for (const ms of [0, 1_000]) {
      lab.clock.now += ms;
      lab.cluster.acquire(lab.call(false)).release(SUCCESS);
    }
    expect(lab.available()).toEqual(["e0", "e1", "e2"]);
  });

  test("a window of outcomes goes on with what it holds, and lets it go in time", () => {
    const window = new OutcomeWindow(10_000);
    for (let atMs = 0; atMs < 10_000; atMs += 1_000) window.record(true, HOUR_MS + atMs);
    window.turnTo(0);
    expect(window.calls).toBe(10);
    window.record(false, 5_000);
    expect([window.calls, window.failures]).toEqual([6, 5]);
    window.turnTo(15_000);
    expect(window.calls).toBe(0);
  });

  test("endpoints are compared by what happens from then on", () => {
    const lab = late(3, { outliers: outliers({ consecutiveFailures: 1_000 }) });
    const attempts = (of: number, outcome: Outcome): void => {
      for (let i = 0; i < 30; i++) {
        lab.clock.now += 10;
        lab.cluster.lease(many(3)[of]!, lab.call()).release(outcome);
      }
    };
    for (const index of [0, 1, 2]) attempts(index, SUCCESS);
    attempts(0, FAILED); // as many as went well: a look was just made
    const known = lab.journal.of("endpoint.ejected").length;
    lab.cluster.restore("e0");
    lab.clock.now -= HOUR_MS;
    for (const index of [0, 1, 2]) attempts(index, SUCCESS);
    attempts(0, FAILED);
    expect(known).toBe(1);
    expect(lab.journal.of("endpoint.ejected")).toMatchObject([
      { endpoint: "e0", reason: "relative" },
      { endpoint: "e0", reason: "relative" },
    ]);
  });

  test("active checks count results, and no time", () => {
    const lab = late(2);
    for (let i = 0; i < 3; i++) lab.cluster.checked("e0", { kind: "failed", why: "status 503" });
    expect(lab.available()).toEqual(["e1"]);
    lab.clock.now -= HOUR_MS;
    for (let i = 0; i < 2; i++) lab.cluster.checked("e0", { kind: "passed" });
    expect(lab.available()).toEqual(["e0", "e1"]);
  });

  test("a reported weight counts again after a blackout", () => {
    const report = new EndpointReport();
    const weights = [HOUR_MS, HOUR_MS + 20_000, 0, 9_999, 10_000].map((atMs) => {
      report.record(LOAD, atMs);
      return report.weight(atMs);
    });
    expect(weights).toEqual([0, 200, 0, 0, 200]);
  });

  test.each([
    ["gradient2", gradient2()],
    ["vegas", vegas(seededRandom(7))],
  ])("%s learns nothing from a call that seems to end before it began", async (_, rule) => {
    const limit = new ConcurrencyLimit("limits.calls", 20);
    const call = new OngoingCall(1, "orders", HOUR_MS, true);
    call.attempt = 1;
    const before = rule.limit;
    await adaptiveLimit(rule, limit, 200).wrap(() => Promise.resolve("answer"))("request", call);
    call.answered(SUCCESS, 0);
    expect([rule.limit, limit.most]).toEqual([before, Math.floor(before)]);
  });

  test("a slow start is over after its window", () => {
    const lab = late(3, { slowStartMs: 30_000 });
    lab.cluster.update(many(4));
    lab.clock.now -= HOUR_MS;
    const ratio = (): number => {
      lab.cluster.acquire(lab.call()).release(SUCCESS);
      return lab.cluster.snapshot().endpoints[3]!.slowStartRatio;
    };
    expect(ratio()).toBe(0.1);
    lab.clock.now += 15_000;
    expect(ratio()).toBeCloseTo(0.5);
    lab.clock.now += 15_000;
    expect(ratio()).toBe(1);
  });

  test("a retry budget gives nothing extra, and is full again after its window", () => {
    const budget = retryBudget({ ratio: 0.2, minPerSecond: 1, windowMs: 10_000 });
    const granted = (nowMs: number): number => {
      let count = 0;
      while (budget.withdraw(nowMs)) count++;
      return count;
    };
    expect([HOUR_MS, 0, 5_000, 10_000, 11_000, 12_000].map(granted)).toEqual([10, 0, 0, 0, 10, 0]);
  });

  test("a circuit stays open for a cool-down, and a trial that hangs keeps others out no longer", () => {
    const breaker = new CircuitBreaker({ failureRatio: 0.5, minimumCalls: 2, windowMs: 10_000, coolDownMs: 5_000 });
    for (let i = 0; i < 2; i++) breaker.settle(breaker.tryAcquire(HOUR_MS), FAILED, HOUR_MS);
    const gets = (nowMs: number): boolean => breaker.tryAcquire(nowMs) > 0;
    expect([0, 4_999, 5_000].map(gets)).toEqual([false, false, true]);
    expect([-HOUR_MS, 4_999 - HOUR_MS, 5_000 - HOUR_MS].map(gets)).toEqual([false, false, true]);
  });
});

test("all are back after the longest ejection, however often the clock was set back", () => {
  const step = fc.oneof(
    fc.record({ fails: fc.nat(3) }),
    fc.record({ passesMs: fc.integer({ min: -100_000, max: 20_000 }) }),
    fc.record({ well: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const lab = late(4, { outliers: outliers({ consecutiveFailures: 2, maxEjectionMs: 20_000 }) });
      for (const each of steps) {
        if ("fails" in each) lab.cluster.lease(many(4)[each.fails]!, lab.call()).release(FAILED);
        else if ("passesMs" in each) lab.clock.now += each.passesMs;
        else lab.cluster.acquire(lab.call()).release(each.well ? SUCCESS : FAILED);
      }
      lab.cluster.acquire(lab.call()).release(SUCCESS); // whoever calls notices
      lab.clock.now += 24_000; // 20 s and its jitter
      for (let i = 0; i < 8; i++) lab.cluster.acquire(lab.call()).release(SUCCESS);
      expect(lab.available()).toHaveLength(4);
    }),
    { seed: 7, numRuns: 200 },
  );
});

/** A cluster whose clock has run for more than an hour. */
function late(size: number, policy: Parameters<typeof stage>[1] = {}): Stage {
  const lab = stage(0, policy);
  lab.clock.now += 2 * HOUR_MS;
  lab.cluster.update(many(size));
  return lab;
}

/** So many attempts fail at the first endpoint. */
function fail({ cluster, call }: Stage, times: number): void {
  for (let i = 0; i < times; i++) cluster.lease(many(1)[0]!, call()).release(FAILED);
}
