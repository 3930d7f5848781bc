import { expect, test } from "vitest";
import { CommonText } from "./common-text.ts";

test("is what it was made of, the first time and every other, until it is made anew", () => {
  const text = new CommonText();
  expect(text.anew(`Via: 1.1 ${"é"}`)).toBe("Via: 1.1 é");
  expect([text.again(), text.again(), text.again()]).toEqual(["Via: 1.1 é", "Via: 1.1 é", "Via: 1.1 é"]);
  expect(text.anew("Via: 2 b")).toBe("Via: 2 b");
  expect([text.again(), text.again()]).toEqual(["Via: 2 b", "Via: 2 b"]);
});
