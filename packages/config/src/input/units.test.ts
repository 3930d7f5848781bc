import { expect, test } from "vitest";
import { durationMs, sizeBytes } from "./units.ts";

test.each([
  ["250ms", 250],
  ["2s", 2_000],
  ["1.5s", 1_500],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["0s", 0],
  ["007s", 7_000],
  ["0.001ms", 0.001],
])("%s is %d ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each(["", "2", "s", "2 s", "2sec", "-1s", "+1s", "1e3s", ".5s", "1.s", "1S", "1d", "Infinitys", "2s\n"])(
  "%j is no duration",
  (text) => {
    expect(durationMs(text)).toBeNaN();
  },
);

test.each([
  ["0B", 0],
  ["512B", 512],
  ["64KiB", 65_536],
  ["1MiB", 1_048_576],
  ["1GiB", 1_073_741_824],
])("%s is %d bytes", (text, bytes) => {
  expect(sizeBytes(text)).toBe(bytes);
});

test.each(["", "64", "64k", "64KB", "64kib", "1.5MiB", "-1B", "64 KiB"])("%j is no size", (text) => {
  expect(sizeBytes(text)).toBeNaN();
});
