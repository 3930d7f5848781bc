import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { anEntry } from "./an-entry.suite.ts";
import { jsonLine, textLine } from "./format-entry.ts";
import { RESPONSE_FLAGS } from "./response-flags.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/access-log.md"), "utf8");

const shown: unknown = JSON.parse(/```json\n([^]*?)```/.exec(page)?.[1] ?? "null");
const entry = anEntry({
  status: 502,
  flags: "UF,URX",
  why: ["attempt 1 at orders-1: could not connect", "not retried: the budget is spent"],
  durationMs: 2.117,
  firstByteMs: -1,
  bytesOut: 211,
  end: "mesh",
});

test("the page has each flag with its name and meaning, and no other", () => {
  const rows = [...page.matchAll(/^\| `([A-Z]+)` \| (\w+) \| (.+) \|$/gm)].map(([, flag, name, when]) => [
    flag,
    { name, when },
  ]);
  expect(Object.fromEntries(rows)).toEqual(RESPONSE_FLAGS);
});

test("each flag, and no other, has its row among the errors: which codes, how to see more, what to do", () => {
  const errors = readFileSync(join(import.meta.dirname, "../../../../docs/errors.md"), "utf8");
  const rows = [...errors.matchAll(/^\| `([A-Z]+)` (\w+) \|(?: [^|]+ \|){3}$/gm)].map(([, flag, name]) => [flag, name]);
  const flags = Object.entries(RESPONSE_FLAGS).map(([flag, { name }]) => [flag, name]);
  expect(rows.toSorted()).toEqual(flags.toSorted());
});

test("the line of JSON on the page is what is written, in that order", () => {
  expect(JSON.stringify(shown)).toBe(JSON.stringify(JSON.parse(jsonLine(entry))));
});

test("the line of text on the page is what is written", () => {
  const [, block = ""] = /```text\n(\[[^]*?)```/.exec(page) ?? [];
  expect(block.replaceAll(/\n {2}/g, " ")).toBe(textLine(entry));
});

test("the page has a row for each field", () => {
  const named = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(
    ([, names = ""]) => names.match(/\w+/g) ?? [],
  );
  expect(named).toEqual(expect.arrayContaining(Object.keys(JSON.parse(jsonLine(entry)) as object))); // a line is an object
});
