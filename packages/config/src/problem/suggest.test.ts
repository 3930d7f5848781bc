import { expect, test } from "vitest";
import { suggest } from "./suggest.ts";

const KNOWN = ["retry", "hedge", "breaker", "outliers", "slowStart", "on"];

test.each([
  { word: "rety", near: "retry" },
  { word: "rerty", near: "retry" },
  { word: "RETRY", near: "retry" },
  { word: "outlier", near: "outliers" },
  { word: "slow_start", near: "slowStart" },
  { word: "no", near: "on" },
  { word: "braker", near: "breaker" },
  { word: "timeout", near: undefined },
  { word: "", near: undefined },
  { word: "x", near: undefined },
  { word: "r".repeat(10_000), near: undefined },
])("$word was meant to be $near", ({ word, near }) => {
  expect(suggest(word, KNOWN)).toBe(near);
});

test("of words that are as near, the first known one is taken", () => {
  expect(suggest("cat", ["bat", "hat"])).toBe("bat");
});
