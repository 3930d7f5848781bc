import { type Breaker, type BreakerListener, CircuitBreaker, type Clock, failure, IGNORED, SUCCESS } from "@weft/core";
import { type FakeTime, fakeTime } from "@weft/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildCircuit } from "./circuit.ts";
import { OpossumEngine } from "./opossum-engine.ts";
import { parseSettings } from "./settings.ts";

const FAILURE = failure("server-error");
const COOL_DOWN_MS = 5_000;

// opossum's cool-down runs on the process's timers: they are moved on together with the mesh's clock.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

type Engine = (clock: Clock, changed?: BreakerListener) => Breaker;

const weft: Engine = (_clock, changed) =>
  new CircuitBreaker({ failureRatio: 0.5, minimumCalls: 4, windowMs: 10_000, coolDownMs: COOL_DOWN_MS }, changed);
const opossum: Engine = (clock, changed) => {
  const settings = { errorThresholdPercentage: 49, volumeThreshold: 4, resetTimeout: COOL_DOWN_MS };
  return new OpossumEngine(buildCircuit(parseSettings("orders", settings)), clock, changed);
};

describe.each([
  { name: "weft", engine: weft },
  { name: "opossum", engine: opossum },
])("with $name as its engine, a breaker", ({ engine }) => {
  test("opens when enough of enough calls failed, and refuses from then on", () => {
    const time = fakeTime();
    const breaker = engine(time);
    settle(breaker, time, SUCCESS, SUCCESS, FAILURE);
    expect(breaker.state.kind).toBe("closed");
    settle(breaker, time, FAILURE);
    expect(breaker.state).toEqual({ kind: "open", untilMs: COOL_DOWN_MS });
    expect(breaker.tryAcquire(time.nowMs())).toBe(0);
  });

  test("does not open while the window holds too few calls, whatever their outcome", () => {
    const time = fakeTime();
    const breaker = engine(time);
    settle(breaker, time, FAILURE, FAILURE, FAILURE);
    expect(breaker.state.kind).toBe("closed");
  });

  test("counts settled calls only, neither those that run nor those that told nothing", () => {
    const time = fakeTime();
    const breaker = engine(time);
    for (let i = 0; i < 100; i++) breaker.tryAcquire(time.nowMs());
    settle(breaker, time, IGNORED, IGNORED, FAILURE, FAILURE, FAILURE);
    expect(breaker.state.kind).toBe("closed");
    settle(breaker, time, FAILURE);
    expect(breaker.state.kind).toBe("open");
  });

  test("forgets what fell out of the window", async () => {
    const time = fakeTime();
    const breaker = engine(time);
    settle(breaker, time, FAILURE, FAILURE, FAILURE);
    await advance(time, 10_000);
    settle(breaker, time, FAILURE);
    expect(breaker.state.kind).toBe("closed");
    settle(breaker, time, FAILURE, FAILURE, FAILURE);
    expect(breaker.state.kind).toBe("open");
  });

  test("lets one trial through after the cool-down, and closes when it succeeds", async () => {
    const time = fakeTime();
    const breaker = await tripped(engine, time);
    const trial = breaker.tryAcquire(time.nowMs());
    expect(trial).toBeGreaterThan(0);
    expect(breaker.state).toEqual({ kind: "half-open", trial });
    expect(breaker.tryAcquire(time.nowMs())).toBe(0);
    breaker.settle(trial, SUCCESS, time.nowMs());
    expect(breaker.state.kind).toBe("closed");
    settle(breaker, time, FAILURE, FAILURE, FAILURE); // a fresh window: what led to the trip is forgotten
    expect(breaker.state.kind).toBe("closed");
  });

  test("opens again when the trial fails", async () => {
    const time = fakeTime();
    const breaker = await tripped(engine, time);
    settle(breaker, time, FAILURE);
    expect(breaker.state.kind).toBe("open");
    expect(breaker.tryAcquire(time.nowMs())).toBe(0);
  });

  test("makes the next call the trial when one told nothing", async () => {
    const time = fakeTime();
    const breaker = await tripped(engine, time);
    settle(breaker, time, IGNORED);
    settle(breaker, time, SUCCESS);
    expect(breaker.state.kind).toBe("closed");
  });

  test("is not closed by the late success of a call from before it opened", async () => {
    const time = fakeTime();
    const breaker = engine(time);
    const early = breaker.tryAcquire(time.nowMs());
    settle(breaker, time, FAILURE, FAILURE, FAILURE, FAILURE);
    await advance(time, COOL_DOWN_MS);
    const trial = breaker.tryAcquire(time.nowMs());
    breaker.settle(early, SUCCESS, time.nowMs());
    expect(breaker.state).toEqual({ kind: "half-open", trial });
  });

  test("tells each change in words", async () => {
    const time = fakeTime();
    const told: string[] = [];
    const breaker = await tripped(engine, time, (from, to, why) => told.push(`${from} > ${to}: ${why}`));
    settle(breaker, time, FAILURE);
    await advance(time, 2 * COOL_DOWN_MS);
    settle(breaker, time, SUCCESS);
    expect(told).toEqual([
      "closed > open: 4 of the last 4 calls failed",
      expect.stringContaining("open > half-open: the cool-down is over"),
      "half-open > open: the trial failed",
      expect.stringContaining("open > half-open: the cool-down is over"),
      "half-open > closed: the trial succeeded",
    ]);
  });
});

test("gives up a trial that is not settled within the cool-down's length", async () => {
  const time = fakeTime();
  const breaker = await tripped(opossum, time);
  const lost = breaker.tryAcquire(time.nowMs());
  await advance(time, COOL_DOWN_MS - 1);
  expect(breaker.tryAcquire(time.nowMs())).toBe(0);
  await advance(time, 1);
  const next = breaker.tryAcquire(time.nowMs());
  expect(next).toBeGreaterThan(lost);
  breaker.settle(lost, SUCCESS, time.nowMs());
  expect(breaker.state.kind).toBe("half-open");
  breaker.settle(next, SUCCESS, time.nowMs());
  expect(breaker.state.kind).toBe("closed");
});

test("starts no timer but that of the cool-down, and none is left after close", () => {
  const time = fakeTime();
  const engine = new OpossumEngine(buildCircuit(parseSettings("orders", { volumeThreshold: 1 })), time);
  settle(engine, time, SUCCESS);
  expect(vi.getTimerCount()).toBe(0);
  settle(engine, time, FAILURE, FAILURE);
  expect(vi.getTimerCount()).toBe(1);
  engine.close();
  expect(vi.getTimerCount()).toBe(0);
  expect(engine.tryAcquire(time.nowMs())).toBe(0);
});

/** Calls that are let through and end so, one after the other. */
function settle(breaker: Breaker, time: FakeTime, ...outcomes: Parameters<Breaker["settle"]>[1][]): void {
  for (const outcome of outcomes) breaker.settle(breaker.tryAcquire(time.nowMs()), outcome, time.nowMs());
}

async function tripped(engine: Engine, time: FakeTime, changed?: BreakerListener): Promise<Breaker> {
  const breaker = engine(time, changed);
  settle(breaker, time, FAILURE, FAILURE, FAILURE, FAILURE);
  await advance(time, COOL_DOWN_MS);
  return breaker;
}

async function advance(time: FakeTime, ms: number): Promise<void> {
  await time.advance(ms);
  vi.advanceTimersByTime(ms);
}
