import { expect, test } from "vitest";
import { ServedRate } from "./served-rate.ts";

test("tells attempts and errors a second, and the share of the workers in use, of the last second", () => {
  const rate = new ServedRate(4);
  for (let ms = 100; ms <= 1_000; ms += 100) rate.began(200, ms === 300, ms - 50);
  expect(rate.read(999)).toEqual({ perSecond: 0, errorsPerSecond: 0, utilization: 0 }); // no second has passed yet
  rate.began(400, false, 1_000); // belongs to the next
  expect(rate.read(1_000)).toEqual({ perSecond: 10, errorsPerSecond: 1, utilization: 0.5 });
  expect(rate.read(2_000)).toEqual({ perSecond: 1, errorsPerSecond: 0, utilization: 0.1 });
  expect(rate.read(60_000)).toEqual({ perSecond: 0, errorsPerSecond: 0, utilization: 0 });
});

test("says nothing of the use of endless workers", () => {
  const rate = new ServedRate(Number.POSITIVE_INFINITY);
  rate.began(200, false, 0);
  expect(rate.read(1_000)).toEqual({ perSecond: 1, errorsPerSecond: 0, utilization: 0 });
});
