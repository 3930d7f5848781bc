import { expect, test } from "vitest";
import { OngoingCall } from "./call.ts";
import { endpoint } from "./endpoint.ts";
import { SUCCESS } from "./outcome.ts";
import type { End } from "./service.ts";

const done: End = { kind: "complete", atMs: 9 };

test("runs each hook once, in the order they were registered, with its state", () => {
  const call = begun();
  const told: unknown[] = [];
  for (const state of ["a", "b", "c"]) {
    call.onAnswer((outcome, atMs, own) => told.push([outcome.kind, atMs, own]), state);
    call.on((end, own) => told.push([end.kind, own]), state);
  }
  call.answered(SUCCESS, 5);
  call.answered(SUCCESS, 6);
  call.finish(done);
  call.finish(done);
  expect(told).toEqual([
    ["success", 5, "a"],
    ["success", 5, "b"],
    ["success", 5, "c"],
    ["complete", "a"],
    ["complete", "b"],
    ["complete", "c"],
  ]);
});

test("tells those who wait for an answer that none came, before it tells that it is over", () => {
  const call = begun();
  const told: unknown[] = [];
  call.on(() => told.push("over"), undefined);
  call.onAnswer((outcome) => told.push(outcome.kind), undefined);
  call.finish({ kind: "cut", atMs: 3, by: "caller" });
  expect(told).toEqual(["ignored", "over"]);
});

test("is cut once: hooks hear of it, late ones at once, and the signal carries the reason", () => {
  const call = begun();
  const told: unknown[] = [];
  for (const state of ["a", "b", "c"]) call.onCut((reason, own) => told.push([reason, own]), state);
  const { signal } = call;
  call.cut("late");
  call.cut("later");
  call.onCut((reason, state) => told.push([reason, state]), 1);
  expect(told).toEqual(["a", "b", "c", 1].map((state) => ["late", state]));
  expect([signal.aborted, signal.reason, call.cutBy]).toEqual([true, "late", "late"]);
});

test.each([0, 1, 2])("runs every hook of a moment although number %d throws, whose error its caller gets", (faulty) => {
  const told: string[] = [];
  const call = begun();
  const signalled = call.signal;
  for (const at of [0, 1, 2]) {
    const tell = (moment: string): void => {
      told.push(`${moment} ${at}`);
      if (at === faulty) throw new Error(`hook ${at}`);
    };
    call.onCut(() => tell("cut"), undefined);
    call.onAnswer(() => tell("answered"), undefined);
    call.on(() => tell("ended"), undefined);
  }
  expect(() => call.cut("late")).toThrow(`hook ${faulty}`);
  expect(() => call.finish(done)).toThrow(`hook ${faulty}`);
  expect(told).toEqual(["cut", "answered", "ended"].flatMap((moment) => [0, 1, 2].map((at) => `${moment} ${at}`)));
  expect(signalled.aborted).toBe(true);
});

test("ends once, also when a hook of its answer ends it", () => {
  const call = begun();
  const told: string[] = [];
  call.onAnswer(() => call.finish(done), undefined);
  call.on(() => told.push("ended"), undefined);
  call.finish(done);
  expect(told).toEqual(["ended"]);
});

test("makes its signal only when asked, also after the cut", () => {
  const call = begun();
  call.cut("gone");
  expect([call.signal.aborted, call.signal.reason]).toEqual([true, "gone"]);
});

test("gives a cut without a reason the one that fetch gives", () => {
  const call = begun();
  call.cut(undefined);
  expect(call.cutBy).toMatchObject({ name: "AbortError" });
});

test("cannot be cut once it is over", () => {
  const call = begun();
  call.onCut(() => expect.fail("it was over"), undefined);
  call.finish(done);
  call.cut("too late");
  expect(call.signal.aborted).toBe(false);
  expect(call.cutBy).toBeUndefined();
});

test("brings its deadline forward, never back", () => {
  const call = begun();
  for (const deadlineMs of [500, 900, 300]) call.tighten(deadlineMs);
  expect(call.deadlineMs).toBe(300);
});

test("knows where its attempts went", () => {
  const call = begun();
  expect([call.attempt, call.tried]).toEqual([0, []]);
  const [a, b, c] = [1, 2, 3].map((port) => endpoint({ host: "10.0.0.1", port }));
  call.trying(a!);
  expect([call.attempt, call.tried]).toEqual([1, [a]]);
  call.trying(b!);
  call.trying(c!);
  expect([call.attempt, call.tried]).toEqual([3, [a, b, c]]);
  call.untried();
  expect([call.attempt, call.tried]).toEqual([3, [a, b]]);
});

test("forgets an endpoint that its first attempt told nothing of", () => {
  const call = begun();
  const [a, b] = [1, 2].map((port) => endpoint({ host: "10.0.0.1", port }));
  call.trying(a!);
  call.untried();
  expect(call.tried).toEqual([]);
  call.trying(b!);
  expect([call.attempt, call.tried]).toEqual([2, [b]]);
  call.untried();
  call.untried();
  expect(call.tried).toEqual([]);
});

function begun(): OngoingCall {
  return new OngoingCall(1, "orders", 0, true);
}
