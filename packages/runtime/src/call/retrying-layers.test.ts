import { SUCCESS } from "@weft/core";
import { expect, test } from "vitest";
import { resultOfAnswer } from "./answer.ts";
import { isOnThisMachine, leftToCaller } from "./retrying-layers.ts";

test.each([
  ["127.0.0.1", true],
  ["127.8.0.1", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["localhost", true],
  ["", true],
  ["10.0.0.1", false],
  ["::ffff:10.0.0.127", false],
  ["128.0.0.1", false],
  ["fe80::1", false],
  ["127.example.org", false],
  ["localhost.example.org", false],
])("%j is on this machine: %s", (host, here) => {
  expect(isOnThisMachine(host)).toBe(here);
});

test("a call is left to who says that it repeats it, and to nobody else", () => {
  const result = resultOfAnswer(503, SUCCESS, false);
  expect(leftToCaller(result, undefined)).toBe(result);
  expect(leftToCaller(result, "2/3;by=sdk").leftTo).toEqual({ number: 2, most: 3, by: "sdk" });
  expect(leftToCaller(result, "").leftTo).toEqual({ number: 0, most: 0, by: "other" });
});
