import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { MeshErrorCode } from "./errors.ts";

const docs = new URL("../../../docs/", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, docs), "utf8");

// A new code is a compile error here until it is listed, and a failing test until it has its row.
const CODES: Readonly<Record<MeshErrorCode, true>> = {
  NO_ENDPOINTS: true,
  ALL_EJECTED: true,
  UNKNOWN_SERVICE: true,
  NOT_READY: true,
  CIRCUIT_OPEN: true,
  OVERLOADED: true,
  DEADLINE_EXCEEDED: true,
  ATTEMPT_TIMEOUT: true,
  CONNECT_FAILED: true,
  CONNECTION_LOST: true,
  PROTOCOL_ERROR: true,
  CLOSED: true,
  BAD_CONFIG: true,
};

test.each(Object.keys(CODES))("%s has its row in docs/errors.md: cause, how to see it, what to do", (code) => {
  const row = read("errors.md")
    .split("\n")
    .find((line) => line.startsWith(`| \`${code}\` |`));
  expect(row?.split("|").filter((cell) => cell.trim() !== "")).toHaveLength(4);
});

test("docs/errors.md has no row for a code that does not exist", () => {
  const rows = [...read("errors.md").matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(rows.toSorted()).toEqual(Object.keys(CODES).toSorted());
});

/** Folders that hold a part of other policies, or go by another name on their page. */
const TOLD_ON: Readonly<Record<string, string>> = {
  "bounded-load": "maglev",
  "consistent-hash": "ring-hash",
  "health-check": "health-checks",
  hedge: "hedging",
};

test("each policy has its page in docs/policies", () => {
  const folders = readdirSync(new URL("policy/", import.meta.url), { withFileTypes: true });
  const policies = folders.filter((entry) => entry.isDirectory()).map(({ name }) => `${TOLD_ON[name] ?? name}.md`);
  const pages = readdirSync(new URL("policies/", docs));
  expect(policies.length).toBeGreaterThan(20);
  expect(policies.filter((page) => !pages.includes(page))).toEqual([]);
});

const PARTS = [
  "When to use it, when not",
  "Usage",
  "Options",
  "Events and metrics",
  "One call that passes, one that does not",
  "Mistakes people make",
  "Sources",
];

test.each(readdirSync(new URL("policies/", docs)))(
  "docs/policies/%s has the parts of a policy page, in order",
  (page) => {
    const parts = [...read(`policies/${page}`).matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(parts).toEqual(PARTS);
  },
);

test.each(readdirSync(new URL("policies/", docs)))("docs/policies/%s says which metrics show the policy", (page) => {
  const part = /^## Events and metrics$(.*?)^## /ms.exec(read(`policies/${page}`))?.[1] ?? "";
  const named = [...part.matchAll(/`((?:weft|envoy)[._][\w.]+)/g)].map(([, name]) => name!);
  if (!part.includes("No metric ")) expect(named).not.toEqual([]);
  const known = read("metrics.md");
  for (const name of named) expect(known).toContain(`| \`${name}\` |`);
});
