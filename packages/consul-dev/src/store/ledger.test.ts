import { expect, test } from "vitest";
import { fakeTime } from "@weft/testkit";
import { Ledger } from "./ledger.ts";

function waiting() {
  const time = fakeTime();
  const ledger = new Ledger(time);
  let asked = 0;
  const leave = new AbortController();
  const wait = (keys: readonly string[]): Promise<void> => {
    const index = (): number => {
      asked++;
      return ledger.at(...keys);
    };
    return ledger.wait({ keys, index, sinceIndex: ledger.at(...keys), ms: 1_000, signal: leave.signal });
  };
  return { time, ledger, leave, wait, asked: () => asked };
}

test("asks only those who wait for a key that a change touched", async () => {
  const { time, ledger, wait, asked } = waiting();
  const [first, other] = [wait(["a", "b"]), wait(["c"])];
  const before = asked();
  ledger.commit(["x", "b"]);
  expect(asked()).toBe(before + 1);
  await first;
  expect(ledger.waiting).toBe(1);
  await time.advance(1_000);
  await other;
  expect([ledger.waiting, time.pending()]).toEqual([0, 0]);
});

test("lets a waiter go at once when its caller leaves, and leaves nothing behind", async () => {
  const { time, ledger, leave, wait } = waiting();
  const waited = wait(["a"]);
  leave.abort();
  await waited;
  await wait(["a"]);
  expect([ledger.waiting, time.pending()]).toEqual([0, 0]);
});

test("wakes nobody while it is frozen, and afterwards those whose time has come", async () => {
  const { ledger, wait } = waiting();
  const concerned = wait(["a"]);
  void wait(["b"]);
  ledger.freeze(true);
  ledger.commit(["a"]);
  expect(ledger.waiting).toBe(2);
  ledger.freeze(false);
  await concerned;
  expect(ledger.waiting).toBe(1);
});
