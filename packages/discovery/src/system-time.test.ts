import { expect, test } from "vitest";
import { systemTime } from "./system-time.ts";

test("readings are those of the process's own clock", () => {
  const beforeMs = performance.now();
  const nowMs = systemTime.nowMs();
  // Two readings make the origin, one behind the other: a millionth of a second or so lies between them.
  expect(nowMs).toBeGreaterThan(beforeMs - 1);
  expect(nowMs).toBeLessThan(performance.now() + 1);
});
