import { describe, expect, test } from "vitest";
import { failure, IGNORED, type Outcome, SUCCESS } from "../../outcome.ts";
import { BREAKER_DEFAULTS, CircuitBreaker } from "./circuit-breaker.ts";
import { OutcomeWindow } from "../outcome-window.ts";

const FAILED = failure("server-error");
const options = { ...BREAKER_DEFAULTS, minimumCalls: 4 };

describe("circuit breaker", () => {
  test("trips at the ratio and not before the minimum of calls", () => {
    const changes: string[] = [];
    const breaker = new CircuitBreaker(options, (from, to, why) => changes.push(`${from} > ${to}: ${why}`));
    for (let i = 0; i < 3; i++) run(breaker, FAILED, 0);
    expect(breaker.state.kind).toBe("closed");
    run(breaker, SUCCESS, 0);
    run(breaker, FAILED, 0);
    expect(breaker.state).toEqual({ kind: "open", untilMs: 5_000 });
    expect(breaker.tryAcquire(4_999)).toBe(0);
    expect(changes).toEqual(["closed > open: 4 of the last 5 calls failed"]);
  });

  test.each([0, 1, 999, 12_345, 9e9])("does not trip on one failure when the clock begins at %d ms", (startMs) => {
    const breaker = new CircuitBreaker(BREAKER_DEFAULTS);
    run(breaker, FAILED, startMs);
    expect(breaker.state.kind).toBe("closed");
    for (let i = 0; i < 19; i++) run(breaker, FAILED, startMs);
    expect(breaker.state.kind).toBe("open");
  });

  test("lets one call through after the cool-down, and closes when it succeeds", () => {
    const breaker = tripped();
    const trial = breaker.tryAcquire(5_000);
    expect(trial).toBeGreaterThan(0);
    expect(breaker.tryAcquire(5_000)).toBe(0);
    breaker.settle(trial, SUCCESS, 5_100);
    expect(breaker.state.kind).toBe("closed");
    run(breaker, FAILED, 5_200);
    expect(breaker.state.kind).toBe("closed"); // the failures from before are forgotten
  });

  test("stays open twice as long after each failed trial, at most sixteen times", () => {
    const breaker = tripped();
    let nowMs = 5_000;
    const lengths = Array.from({ length: 6 }, () => {
      breaker.settle(breaker.tryAcquire(nowMs), FAILED, nowMs);
      const { state } = breaker;
      const untilMs = state.kind === "open" ? state.untilMs : Number.NaN;
      const forMs = untilMs - nowMs;
      nowMs = untilMs;
      return forMs;
    });
    expect(lengths).toEqual([10_000, 20_000, 40_000, 80_000, 80_000, 80_000]);
  });

  test("makes the next call the trial when the first one told nothing", () => {
    const breaker = tripped();
    breaker.settle(breaker.tryAcquire(5_000), IGNORED, 5_001);
    expect(breaker.state).toEqual({ kind: "half-open", trial: 0 });
    const trial = breaker.tryAcquire(5_002);
    expect(trial).toBeGreaterThan(0);
    breaker.settle(trial, SUCCESS, 5_003);
    expect(breaker.state.kind).toBe("closed");
  });

  test("does not let a trial that hangs keep everybody out for ever", () => {
    const breaker = tripped();
    const hung = breaker.tryAcquire(5_000);
    expect(breaker.tryAcquire(9_999)).toBe(0);
    const next = breaker.tryAcquire(10_000);
    expect(next).toBeGreaterThan(0);
    breaker.settle(hung, FAILED, 10_001); // an earlier generation decides nothing
    expect(breaker.state.kind).toBe("half-open");
    breaker.settle(next, SUCCESS, 10_002);
    expect(breaker.state.kind).toBe("closed");
  });

  test("does not count calls that began before it tripped", () => {
    const breaker = new CircuitBreaker(options);
    const old = Array.from({ length: 10 }, () => breaker.tryAcquire(0));
    for (let i = 0; i < 4; i++) run(breaker, FAILED, 0);
    const trial = breaker.tryAcquire(5_000);
    for (const permit of old) breaker.settle(permit, SUCCESS, 5_001);
    expect(breaker.state.kind).toBe("half-open");
    breaker.settle(trial, SUCCESS, 5_002);
    for (const permit of old) breaker.settle(permit, FAILED, 5_003);
    expect(breaker.state.kind).toBe("closed");
  });

  test("counts no ignored call", () => {
    const breaker = new CircuitBreaker(options);
    for (let i = 0; i < 100; i++) run(breaker, IGNORED, 0);
    for (let i = 0; i < 3; i++) run(breaker, FAILED, 0);
    expect(breaker.state.kind).toBe("closed");
  });

  test("opens and closes by hand", () => {
    const breaker = new CircuitBreaker(options);
    breaker.forceOpen(60_000, 0);
    expect(breaker.tryAcquire(59_999)).toBe(0);
    breaker.forceClosed();
    expect(breaker.tryAcquire(0)).toBeGreaterThan(0);
  });
});

describe("outcome window", () => {
  test("forgets a tenth at a time", () => {
    const window = new OutcomeWindow(10_000);
    for (let atMs = 0; atMs < 10_000; atMs += 1_000) window.record(true, atMs);
    expect([window.calls, window.failures]).toEqual([10, 10]);
    window.record(false, 10_000);
    expect([window.calls, window.failures]).toEqual([10, 9]);
    window.record(false, 1e9);
    expect([window.calls, window.failures]).toEqual([1, 0]);
  });

  test("counts into the newest slice when the clock steps back, and before the clock's zero", () => {
    const window = new OutcomeWindow(10_000);
    window.record(true, -25_000);
    window.record(true, -99_000);
    expect([window.calls, window.failures]).toEqual([2, 2]);
    window.record(false, -14_000);
    expect([window.calls, window.failures]).toEqual([1, 0]);
  });
});

function run(breaker: CircuitBreaker, outcome: Outcome, nowMs: number): void {
  breaker.settle(breaker.tryAcquire(nowMs), outcome, nowMs);
}

function tripped(): CircuitBreaker {
  const breaker = new CircuitBreaker(options);
  for (let i = 0; i < 4; i++) run(breaker, FAILED, 0);
  return breaker;
}
