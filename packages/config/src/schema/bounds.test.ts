import { expect, test } from "vitest";
import { measureUpTo, wholeUpTo } from "./bounds.ts";

test.each([0, 1, 9, 10, 24, 100, 1_440, 65_535])("the whole numbers up to %i match, and no other", (max) => {
  const pattern = new RegExp(`^${wholeUpTo(max)}$`);
  const wrong: number[] = [];
  for (let value = 0; value < max * 2 + 200; value++) {
    const fits = value <= max;
    if (pattern.test(String(value)) !== fits) wrong.push(value);
  }
  expect(wrong).toEqual([]);
  expect(pattern.test(`00${max}`)).toBe(true);
  expect(pattern.test("")).toBe(false);
});

const units = { min: 1, hour: 60 };

test.each([
  { text: "120min", fits: true },
  { text: "120.0min", fits: true },
  { text: "119.999min", fits: true },
  { text: "120.001min", fits: false },
  { text: "121min", fits: false },
  { text: "2hour", fits: true },
  { text: "2.5hour", fits: false },
  { text: "1.5hour", fits: true },
  { text: "0.001hour", fits: true },
  { text: "1000hour", fits: false },
])("$text is within 2 hours: $fits", ({ text, fits }) => {
  expect(measureUpTo(120, units, false).test(text)).toBe(fits);
});

test.each(["0min", "00hour", "0.000hour"])("%s is zero in any unit, and fits only where zero does", (text) => {
  expect(measureUpTo(120, units, true).test(text)).toBe(true);
  expect(measureUpTo(120, units, false).test(text)).toBe(false);
});
