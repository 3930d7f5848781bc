import { expect, test } from "vitest";
import { systemTime } from "./system-time.ts";

/** What the origin may be off by, in ms. */
const OFF = 0.01;

test("readings are those of performance.now()", () => {
  const beforeMs = performance.now();
  const nowMs = systemTime.nowMs();
  const afterMs = performance.now();
  expect(nowMs).toBeGreaterThan(beforeMs - OFF);
  expect(nowMs).toBeLessThan(afterMs + OFF);
});
