import { describe, expect, test } from "vitest";
import type { RuleWhenInput } from "../input/policy-input.ts";
import { checkPolicy } from "./check-policy.ts";
import { matchRule, pathMatches } from "./match-rule.ts";

describe("the path of a rule", () => {
  test.each([
    { pattern: "/reports", path: "/reports", matches: true },
    { pattern: "/reports", path: "/reports/", matches: false },
    { pattern: "/reports", path: "/Reports", matches: false },
    { pattern: "/reports", path: "/reports?year=2026", matches: true },
    { pattern: "/reports/**", path: "/reports", matches: true },
    { pattern: "/reports/**", path: "/reports/2026/q1", matches: true },
    { pattern: "/reports/**", path: "/reportsx", matches: false },
    { pattern: "/reports/**", path: "/x?/reports/y", matches: false },
    { pattern: "/**", path: "/", matches: true },
    { pattern: "/**", path: "/a/b", matches: true },
    { pattern: "/", path: "/", matches: true },
    { pattern: "/", path: "/a", matches: false },
    { pattern: "/users/*/photo", path: "/users/7/photo", matches: true },
    { pattern: "/users/*/photo", path: "/users//photo", matches: true },
    { pattern: "/users/*/photo", path: "/users/7/8/photo", matches: false },
    { pattern: "/files/*.pdf", path: "/files/a.pdf", matches: true },
    { pattern: "/files/*.pdf", path: "/files/.pdf", matches: true },
    { pattern: "/files/*.pdf", path: "/files/pdf", matches: false },
    { pattern: "/a*a", path: "/a", matches: false },
    { pattern: "/a*a", path: "/aa", matches: true },
    { pattern: "/users/*/**", path: "/users", matches: false },
    { pattern: "/users/*/**", path: "/users/7", matches: true },
  ])("$pattern matches $path: $matches", ({ pattern, path, matches }) => {
    expect(pathMatches(pattern, path)).toBe(matches);
  });
});

/** Which of the rules, by its place, takes a call; undefined for none. */
function taken(whens: readonly RuleWhenInput[], method: string, path: string, headers: Record<string, string> = {}) {
  const rules = whens.map((when) => ({ when }));
  const found = checkPolicy({ version: 1, services: { orders: { rules } } }).policy.services.get("orders")?.rules ?? [];
  const rule = matchRule(found, { method, path, header: (name) => headers[name] });
  return rule === undefined ? undefined : found.indexOf(rule);
}

test("the first rule that matches counts", () => {
  const whens = [{ path: "/a/b" }, { path: "/a/**" }, {}];
  expect(taken(whens, "GET", "/a/b")).toBe(0);
  expect(taken(whens, "GET", "/a/c")).toBe(1);
  expect(taken(whens, "GET", "/c")).toBe(2);
  expect(taken([{ path: "/a" }], "GET", "/c")).toBeUndefined();
});

test("a method is compared without regard to case, alone or in a list", () => {
  expect(taken([{ method: "get" }], "GET", "/")).toBe(0);
  expect(taken([{ method: "GET" }], "get", "/")).toBe(0);
  expect(taken([{ method: ["POST", "PUT"] }], "PUT", "/")).toBe(0);
  expect(taken([{ method: ["POST", "PUT"] }], "GET", "/")).toBeUndefined();
});

test("a header must be there, with this value exactly or with any for *", () => {
  const whens = [{ header: { "X-Tenant": "acme", "x-debug": "*" } }];
  expect(taken(whens, "GET", "/", { "x-tenant": "acme", "x-debug": "" })).toBe(0);
  expect(taken(whens, "GET", "/", { "x-tenant": "acme" })).toBeUndefined();
  expect(taken(whens, "GET", "/", { "x-tenant": "ACME", "x-debug": "1" })).toBeUndefined();
});

test("all that a rule names must match", () => {
  const whens = [{ path: "/a", method: "GET", header: { "x-a": "*" } }];
  expect(taken(whens, "GET", "/a", { "x-a": "1" })).toBe(0);
  expect(taken(whens, "GET", "/b", { "x-a": "1" })).toBeUndefined();
  expect(taken(whens, "POST", "/a", { "x-a": "1" })).toBeUndefined();
});
