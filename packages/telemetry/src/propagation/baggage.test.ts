import { expect, test } from "vitest";
import { limitBaggage } from "./baggage.ts";

const MEMBERS = Array.from({ length: 65 }, (_, i) => `m${i}=${i}`);

test.each([
  ["one member", "user=7;ttl=3"],
  ["white space and percent signs", "a=1 , b=%20"],
  ["64 members", MEMBERS.slice(0, 64).join(",")],
  ["8,192 bytes", `a=${"1".repeat(8_190)}`],
  ["what is no baggage at all, for that is not judged", "a,=,;;"],
  ["nothing", ""],
])("lets %s through as it came", (_what, text) => {
  expect(limitBaggage(text)).toBe(text);
});

test.each([
  ["the 65th member", MEMBERS.join(","), MEMBERS.slice(0, 64).join(",")],
  ["the member that goes beyond 8,192 bytes", `a=1,b=${"2".repeat(8_187)},c=3`, "a=1"],
  ["a first member that is too long", `a=${"1".repeat(8_191)},b=2`, ""],
  ["a megabyte of commas but for 64", ",".repeat(2 ** 20), ",".repeat(63)],
])("leaves out %s, and what follows it", (_what, text, sent) => {
  expect(limitBaggage(text)).toBe(sent);
});
