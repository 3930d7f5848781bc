import { expect, test } from "vitest";
import { ConcurrencyLimit } from "./concurrency-limit.ts";

test("lets in as many as it says, and one more for each that leaves", () => {
  const limit = new ConcurrencyLimit("limits.calls", 2);
  expect([limit.tryAcquire(), limit.tryAcquire(), limit.tryAcquire()]).toEqual([true, true, false]);
  limit.release();
  expect([limit.tryAcquire(), limit.tryAcquire()]).toEqual([true, false]);
  expect(limit.running).toBe(2);
});

test("refuses until enough has ended when it is lowered, and cuts nothing", () => {
  const limit = new ConcurrencyLimit("limits.calls", 3);
  for (let i = 0; i < 3; i++) limit.tryAcquire();
  limit.most = 1;
  expect(limit.running).toBe(3);
  limit.release();
  limit.release();
  expect(limit.tryAcquire()).toBe(false);
  limit.release();
  expect(limit.tryAcquire()).toBe(true);
});
