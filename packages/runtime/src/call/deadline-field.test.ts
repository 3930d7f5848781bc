import { expect, test } from "vitest";
import { deadlineText, readDeadlineMs } from "./deadline-field.ts";

test.each([
  ["0", 0],
  ["250", 250],
  ["999999999", 999_999_999],
  ["1000000000", Number.POSITIVE_INFINITY],
  ["", Number.POSITIVE_INFINITY],
  ["-1", Number.POSITIVE_INFINITY],
  ["1.5", Number.POSITIVE_INFINITY],
  ["1e3", Number.POSITIVE_INFINITY],
  [" 5", Number.POSITIVE_INFINITY],
  ["5, 7", Number.POSITIVE_INFINITY],
])("%j says %d ms", (value, ms) => {
  expect(readDeadlineMs(value)).toBe(ms);
});

test.each([
  [1_500.9, "1500"],
  [0.4, "1"],
  [-20, "1"],
])("%d ms are written down as %s", (ms, text) => {
  expect(deadlineText(ms)).toBe(text);
});
