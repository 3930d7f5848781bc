import { expect, test } from "vitest";
import { about, length, lengthText, percent, plural, rate } from "../pages/format.js";

test.each([
  [undefined, "–"],
  [0, "0"],
  [0.04, "<0.1"],
  [12.34, "12.3"],
  [99.96, "100"],
  [12_345.6, "12,346"],
])("a rate of %s is %s", (value, text) => expect(rate(value)).toBe(text));

test.each([
  [undefined, "–"],
  [1, "100"],
  [0.99999, ">99.99"],
  [0.9995, "99.95"],
  [0.9714, "97.1"],
  [0.00001, "<0.01"],
  [0, "0"],
])("a share of %s is %s per cent: 100 only when it is all, 0 only when it is none", (value, text) => {
  expect(percent(value)).toBe(text);
});

test.each([
  [undefined, "–"],
  [null, "–"],
  [0.44, "0.4 ms"],
  [9.96, "10 ms"],
  [999.4, "999 ms"],
  [1_000, "1.00 s"],
  [59_900, "59.9 s"],
  [90_000, "1.5 min"],
  [7_200_000, "2.0 h"],
  [200_000_000, "2.3 d"],
])("a length of %s ms is %s", (ms, text) => {
  expect(lengthText(ms)).toBe(text);
  expect(length(ms).join(" ").trim()).toBe(text);
});

test.each([
  [-5, "0.0 s"],
  [8_240, "8.2 s"],
  [42_400, "42 s"],
  [600_000, "10 min"],
  [10_000_000, "3 h"],
  [604_800_000, "7 d"],
])("%s ms ago is about %s", (ms, text) => expect(about(ms)).toBe(text));

test("one is not many", () => {
  expect([plural(1, "call"), plural(2, "call"), plural(1_024, "call")]).toEqual(["1 call", "2 calls", "1,024 calls"]);
});
