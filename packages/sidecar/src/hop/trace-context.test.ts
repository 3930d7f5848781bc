import { expect, test } from "vitest";
import { nextTraceparent, traceIdOf } from "./trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

test.each(["00", "01"])("goes on with the caller's trace and its flags %s, with a parent of its own", (flags) => {
  const next = nextTraceparent(`00-${TRACE}-${PARENT}-${flags}`);
  expect(next).toMatch(new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-${flags}$`));
  expect(traceIdOf(next)).toBe(TRACE);
});

test("understands of a later version what version 00 has", () => {
  expect(nextTraceparent(`cc-${TRACE}-${PARENT}-01-what-the-future-brings`)).toMatch(
    new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`),
  );
});

test.each([
  ["nothing", ""],
  ["version ff", `ff-${TRACE}-${PARENT}-01`],
  ["a trace of zeros", `00-${"0".repeat(32)}-${PARENT}-01`],
  ["a parent of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
  ["capitals", `00-${TRACE.toUpperCase()}-${PARENT}-01`],
  ["more behind version 00", `00-${TRACE}-${PARENT}-01-more`],
  ["too little", `00-${TRACE}-${PARENT}`],
  ["two in one line", `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`],
])("begins a trace that is not sampled after %s", (_what, received) => {
  const next = nextTraceparent(received);
  expect(next).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  expect(traceIdOf(next)).not.toBe(TRACE);
});

test("draws other ids each time, also where the pool of chance comes to its end", () => {
  const drawn = Array.from({ length: 2_000 }, () => nextTraceparent(""));
  expect(new Set(drawn.map(traceIdOf)).size).toBe(2_000);
});
