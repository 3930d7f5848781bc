import { expect, test } from "vitest";
import { formatTraceparent, parseTraceparent } from "./trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

test.each([
  ["00", false, false],
  ["01", true, false],
  ["02", false, true],
  ["03", true, true],
  ["fd", true, false],
  ["04", false, false],
  ["11", true, false],
  ["fd", true, false],
  ["fe", false, true],
])("reads of the flags %s what is defined of them, and sends no others on", (flags, sampled, random) => {
  const came = `00-${TRACE}-${SPAN}-${flags}`;
  const last = (sampled ? 1 : 0) | (random ? 2 : 0);
  const goesOn = `00-${TRACE}-${SPAN}-0${last}`;
  const text = came === goesOn ? came : undefined; // else it says more than may be sent on
  expect(parseTraceparent(came)).toEqual({ traceId: TRACE, spanId: SPAN, sampled, random, text });
  expect(formatTraceparent(TRACE, SPAN, sampled, random)).toBe(goesOn);
});

test("understands of a later version what version 00 has", () => {
  const parent = { traceId: TRACE, spanId: SPAN, sampled: true, random: false };
  expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01`)).toEqual(parent);
  expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-brings`)).toEqual(parent);
});

test("what is read of a later version is not that of the one before", () => {
  parseTraceparent(`00-${"0".repeat(31)}1-${SPAN}-02`);
  expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-more`)).toMatchObject({ sampled: true, random: false });
  parseTraceparent(`00-${"0".repeat(32)}-${SPAN}-01`);
  expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-more`)).toMatchObject({ traceId: TRACE });
});

test("an id is none when all of its digits are zeros, and not one fewer", () => {
  const last = `${"0".repeat(15)}1`;
  expect(parseTraceparent(`00-${"0".repeat(16)}${last}-${last}-01`)).toMatchObject({ spanId: last });
});

test.each([
  ["nothing", ""],
  ["dashes", "---"],
  ["version ff", `ff-${TRACE}-${SPAN}-01`],
  ["a trace of zeros", `00-${"0".repeat(32)}-${SPAN}-01`],
  ["a parent of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
  ["capitals", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ["more behind version 00", `00-${TRACE}-${SPAN}-01-more`],
  ["more behind a later one, without a dash", `cc-${TRACE}-${SPAN}-01more`],
  ["digits where dashes are to be", `00a${TRACE}-${SPAN}-01`],
  ["the same behind the trace", `00-${TRACE}a${SPAN}-01`],
  ["the same behind the parent", `00-${TRACE}-${SPAN}a01`],
  ["too little", `00-${TRACE}-${SPAN}`],
  ["two in one line", `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ["two of a later version", `cc-${TRACE}-${SPAN}-01, cc-${TRACE}-${SPAN}-01`],
  ["a line feed at the end", `00-${TRACE}-${SPAN}-01\n`],
  ["bytes outside ASCII", `00-${TRACE.slice(1)}\u00e9-${SPAN}-01`],
  ["digits of another script", `00-${TRACE.slice(1)}\u0663-${SPAN}-01`],
  ["a megabyte", `00-${"a".repeat(2 ** 20)}-${SPAN}-01`],
  ["a megabyte of dashes", "-".repeat(2 ** 20)],
])("reads nothing in %s", (_what, text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});
