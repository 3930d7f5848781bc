import { expect, test } from "vitest";
import { judgeTracestate } from "./trace-state.ts";

const MOST = Array.from({ length: 32 }, (_, i) => `m${i}=${i}`).join(",");

test.each([
  ["one member", "a=1"],
  ["several", "a=1,b@c=2,3=x y"],
  ["white space between them", "a=1 , b=2,\tc=3"],
  ["a value that begins with spaces", "a=  1"],
  ["the most members", MOST],
  ["the longest key and value", `${"k".repeat(256)}=${"v".repeat(256)}`],
])("sends %s on as it came", (_what, text) => {
  expect(judgeTracestate(text)).toBe(text);
});

test.each([
  ["empty members", ",a=1,, \t,b=2,", "a=1,b=2"],
  ["the older one of a key that comes twice", "a=2,b=1,a=1", "a=2,b=1"],
  ["empty members beyond the most there may be", `${",".repeat(2 ** 20)}${MOST}`, MOST],
])("leaves out %s", (_what, text, sent) => {
  expect(judgeTracestate(text)).toBe(sent);
});

test.each([
  ["nothing", ""],
  ["white space", " \t "],
  ["commas alone", ",,,"],
  ["33 members", `${MOST},more=1`],
  ["33 members with one key", Array.from({ length: 33 }, () => "a=1").join(",")],
  ["a member without a value", "a=1,b"],
  ["a member without a key", "a=1,=b"],
  ["an empty value", "a=,b=1"],
  ["a second equals sign", "a=1=2"],
  ["a capital", "A=1"],
  ["a key that begins with a dash", "-a=1"],
  ["a tab inside a value", "a=1\t2"],
  ["a byte outside ASCII", "a=\u00e9"],
  ["a key that is too long", `${"k".repeat(257)}=1`],
  ["a value that is too long", `k=${"v".repeat(257)}`],
  ["a megabyte", `a=${"v".repeat(2 ** 20)}`],
  ["a megabyte of members", "a=1,".repeat(2 ** 18)],
])("sends nothing on of %s", (_what, text) => {
  expect(judgeTracestate(text)).toBe("");
});
