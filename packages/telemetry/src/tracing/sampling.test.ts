import { expect, test } from "vitest";
import { isDrawn } from "./sampling.ts";

/** @param random the first eight of the fourteen digits that decide */
const traceWith = (random: string): string => `0af7651916cd43dd84${random}1c8031`;

test.each([
  ["00000000", 1, true],
  ["ffffffff", 0, false],
  ["7fffffff", 0.5, false],
  ["80000000", 0.5, true],
  ["bfffffff", 0.25, false],
  ["c0000000", 0.25, true],
  ["fffffffe", 2 ** -32, false],
  ["ffffffff", 2 ** -32, true],
])("of random digits %s and a ratio of %d the answer is %s", (random, ratio, drawn) => {
  expect(isDrawn(traceWith(random), ratio)).toBe(drawn);
});

test("a trace of a 64-bit id, padded on the left, is drawn by its own digits", () => {
  expect(isDrawn("0000000000000000a3ce929d0e0e4736", 0.19)).toBe(false);
  expect(isDrawn("0000000000000000a3ce929d0e0e4736", 0.2)).toBe(true);
});
