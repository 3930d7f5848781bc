import { expect, test } from "vitest";
import { wallClock } from "./wall-clock.ts";

test("a clock of whole milliseconds does not move spans against each other", () => {
  let nowMs = 0;
  const ahead = wallClock(
    () => nowMs,
    () => Math.floor(1_000_000.7 + nowMs),
  );
  nowMs = 0.1; // reads 1,000,000: 0.8 behind
  const first = ahead();
  nowMs = 0.3; // reads 1,000,001: as it is
  const second = ahead();
  nowMs = 0.9; // reads 1,000,001: 0.6 behind
  expect(ahead()).toBe(second);
  expect(second).toBeGreaterThan(first);
  expect(1_000_000.7 - second).toBeLessThanOrEqual(0.001);
});

test("a wall clock that is set back, or forward, is followed at once", () => {
  let epochMs = 1_000_000;
  const ahead = wallClock(
    () => 0,
    () => epochMs,
  );
  expect(ahead()).toBe(1_000_000);
  epochMs = 900_000;
  expect(ahead()).toBe(900_000);
  epochMs = 2_000_000;
  expect(ahead()).toBe(2_000_000);
});
