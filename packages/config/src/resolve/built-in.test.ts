import { expect, test } from "vitest";
import { findProblems } from "../schema/find-problems.ts";
import { BUILT_IN, PARTS } from "./built-in.ts";
import { checkPolicy } from "./check-policy.ts";

/** The built-in default of every field, as a user would write them. */
function written(): Record<string, unknown> {
  const service: Record<string, unknown> = {};
  for (const [path, { value }] of Object.entries(BUILT_IN)) {
    const steps = path.split(".");
    const last = steps.pop() ?? "";
    let part = service;
    // Each step was put here by this loop, as an object.
    for (const step of steps) part = (part[step] ??= {}) as Record<string, unknown>;
    part[last] = value;
  }
  return service;
}

test("every built-in default is what a user may write", () => {
  expect(findProblems({ version: 1, defaults: written() })).toMatchObject({ kind: "policy" });
});

test("a policy that writes them all out does what one that writes nothing does", () => {
  const off = Object.fromEntries(Object.entries(PARTS).flatMap(([part, { on }]) => (on ? [] : [[part, "off"]])));
  const { policy } = checkPolicy({ version: 1, defaults: { ...written(), ...off } }, { home: "sidecar" });
  expect(policy.defaults).toEqual(checkPolicy({ version: 1 }, { home: "sidecar" }).policy.defaults);
});

test("a call has 15 seconds, but from the SDK as long as it takes", () => {
  const total = (home: "sdk" | "sidecar" | "gateway") =>
    checkPolicy({ version: 1 }, { home }).policy.defaults.timeout.totalMs;
  expect([total("sdk"), total("sidecar"), total("gateway")]).toEqual([Number.POSITIVE_INFINITY, 15_000, 15_000]);
});
