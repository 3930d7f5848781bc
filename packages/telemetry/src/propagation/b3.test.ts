import { expect, test } from "vitest";
import { addB3Multi, formatB3, parseB3, parseB3Multi } from "./b3.ts";

const TRACE = "80f198ee56343ba864fe8b2a57d3eff7";
const SHORT = "64fe8b2a57d3eff7";
const PADDED = `0000000000000000${SHORT}`;
const SPAN = "e457b5a2e4d86bd1";
const OPEN = { sampled: undefined, debug: false };
const YES = { sampled: true, debug: false };
const NO = { sampled: false, debug: false };
const DEBUG = { sampled: true, debug: true };

test.each([
  [`${TRACE}-${SPAN}`, { traceId: TRACE, spanId: SPAN, ...OPEN }],
  [`${TRACE}-${SPAN}-1`, { traceId: TRACE, spanId: SPAN, ...YES }],
  [`${TRACE}-${SPAN}-0`, { traceId: TRACE, spanId: SPAN, ...NO }],
  [`${TRACE}-${SPAN}-d`, { traceId: TRACE, spanId: SPAN, ...DEBUG }],
  [`${TRACE}-${SPAN}-1-05e3ac9a4f6e3b90`, { traceId: TRACE, spanId: SPAN, ...YES }],
  [`${TRACE}-${SPAN}-05e3ac9a4f6e3b90`, { traceId: TRACE, spanId: SPAN, ...OPEN }],
  [`${SHORT}-${SPAN}-1`, { traceId: PADDED, spanId: SPAN, ...YES }],
  ["0", { traceId: "", spanId: "", ...NO }],
  ["1", { traceId: "", spanId: "", ...YES }],
  ["d", { traceId: "", spanId: "", ...DEBUG }],
])("reads b3: %s", (text, b3) => {
  expect(parseB3(text)).toEqual(b3);
});

test.each([
  ["nothing", ""],
  ["a lone dash", "-"],
  ["dashes", "---"],
  ["a state that is none", "2"],
  ["a state that is none, behind ids", `${TRACE}-${SPAN}-2`],
  ["a trace id of another length", `${TRACE.slice(1)}-${SPAN}-1`],
  ["a trace id of 48 digits", `${TRACE}${SHORT}-${SPAN}-1`],
  ["a span id of another length", `${TRACE}-${SPAN.slice(1)}-1`],
  ["a span id of 32 digits", `${TRACE}-${TRACE}-1`],
  ["capitals", `${TRACE.toUpperCase()}-${SPAN}-1`],
  ["a trace of zeros", `${"0".repeat(32)}-${SPAN}-1`],
  ["a short trace of zeros", `${"0".repeat(16)}-${SPAN}-1`],
  ["a span of zeros", `${TRACE}-${"0".repeat(16)}-1`],
  ["a trace without a span", TRACE],
  ["two in one line", `${TRACE}-${SPAN}-1, ${TRACE}-${SPAN}-1`],
  ["a dash at the end", `${TRACE}-${SPAN}-1-`],
  ["bytes outside ASCII", `${TRACE.slice(1)}\u00e9-${SPAN}-1`],
  ["a megabyte", "a".repeat(2 ** 20)],
])("reads nothing in a b3 of %s", (_what, text) => {
  expect(parseB3(text)).toBeUndefined();
});

test.each([
  ["ids", {}, OPEN],
  ["ids that are sampled", { "x-b3-sampled": "1" }, YES],
  ["ids that are sampled, as it was said once", { "x-b3-sampled": "true" }, YES],
  ["ids that are not sampled", { "x-b3-sampled": "0" }, NO],
  ["ids that are not sampled, as it was said once", { "x-b3-sampled": "false" }, NO],
  ["ids to debug, whatever is said of sampling", { "x-b3-sampled": "0", "x-b3-flags": "1" }, DEBUG],
  ["ids with flags that mean nothing", { "x-b3-flags": "0" }, OPEN],
  ["ids with a state that is none", { "x-b3-sampled": "maybe" }, OPEN],
])("reads %s in several headers", (_what, more, decision) => {
  const lines = { "x-b3-traceid": SHORT, "x-b3-spanid": SPAN, "x-b3-parentspanid": SPAN, ...more };
  expect(parseB3Multi(request(lines))).toEqual({ traceId: PADDED, spanId: SPAN, ...decision });
});

test.each([
  ["x-b3-sampled", "1", YES],
  ["x-b3-sampled", "0", NO],
  ["x-b3-flags", "1", DEBUG],
])("reads %s: %s without ids", (name, value, decision) => {
  expect(parseB3Multi(request({ [name]: value }))).toEqual({ traceId: "", spanId: "", ...decision });
});

test.each<readonly [string, Readonly<Record<string, string>>]>([
  ["no header", {}],
  ["a trace without a span", { "x-b3-traceid": TRACE, "x-b3-sampled": "1" }],
  ["a span without a trace", { "x-b3-spanid": SPAN, "x-b3-sampled": "1" }],
  ["two traces", { "x-b3-traceid": `${TRACE}, ${TRACE}`, "x-b3-spanid": SPAN }],
  ["a trace of 17 digits", { "x-b3-traceid": `${SHORT}1`, "x-b3-spanid": SPAN }],
  ["a span of zeros", { "x-b3-traceid": TRACE, "x-b3-spanid": "0".repeat(16) }],
  ["capitals", { "x-b3-traceid": TRACE.toUpperCase(), "x-b3-spanid": SPAN }],
])("reads nothing in several headers of %s", (_what, lines) => {
  expect(parseB3Multi(request(lines))).toBeUndefined();
});

test.each([
  [undefined, false, `${TRACE}-${SPAN}`, ["", ""]],
  [true, false, `${TRACE}-${SPAN}-1`, ["1", ""]],
  [false, false, `${TRACE}-${SPAN}-0`, ["0", ""]],
  [true, true, `${TRACE}-${SPAN}-d`, ["", "1"]],
])("writes sampled %s and debug %s in both forms", (sampled, debug, single, [state, flags]) => {
  expect(formatB3(TRACE, SPAN, sampled, debug)).toBe(single);
  const list: string[] = [];
  addB3Multi(list, TRACE, SPAN, sampled, debug);
  expect(Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1]]] : [])))).toEqual({
    "x-b3-traceid": TRACE,
    "x-b3-spanid": SPAN,
    "x-b3-parentspanid": "",
    "x-b3-sampled": state,
    "x-b3-flags": flags,
  });
});

function request(lines: Readonly<Record<string, string>>): { header(name: string): string | undefined } {
  return { header: (name) => lines[name] };
}
