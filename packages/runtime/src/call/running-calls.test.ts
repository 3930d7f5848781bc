import { OngoingCall } from "@weft/core";
import { expect, test } from "vitest";
import { type Running, RunningCalls } from "./running-calls.ts";

function running(number: number): Running {
  return { call: new OngoingCall(number, "orders", 0, true), earlier: undefined, later: undefined };
}

test("waits until the last call has ended, in whatever order they do", async () => {
  const calls = new RunningCalls();
  const all = [running(1), running(2), running(3)] as const;
  for (const each of all) calls.add(each);
  let ended = false;
  const waiting = calls.ended().then(() => (ended = true));
  calls.delete(all[1]);
  calls.delete(all[2]);
  await Promise.resolve();
  expect(ended).toBe(false);
  calls.delete(all[0]);
  await waiting;
  await calls.ended();
});

test("cuts every call, also when one that is cut ends others", () => {
  const calls = new RunningCalls();
  const all = [running(1), running(2), running(3)] as const;
  for (const each of all) {
    calls.add(each);
    each.call.onCut(() => calls.delete(each), undefined);
  }
  calls.cut(() => "closed");
  expect(all.map(({ call }) => call.cutBy)).toEqual(["closed", "closed", "closed"]);
});
