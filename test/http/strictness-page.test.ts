import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { REFUSALS } from "./ours.ts";
import { OTHERS, STRICTER } from "./standing-differences.ts";

const PAGE = readFileSync(new URL("../../docs/http-strictness.md", import.meta.url), "utf8");
const [RULES = "", DIFFERENCES = ""] = ["## The rules", "## Beside llhttp"].map((title) => section(title));

test.each(REFUSALS)("the page says of $code what the refusal says", ({ code, status, detail }) => {
  const [, what = "", source = ""] = /^(.*?) \((.*)\)$/.exec(detail) ?? [];
  const sentence = what.charAt(0).toUpperCase() + what.slice(1);
  expect(RULES).toContain(`| \`${code}\` | ${status} | ${sentence} | ${source} |`);
});

test("the page has a row for each rule, and no other", () => {
  const codes = RULES.split("\n").flatMap((line) => /^\| `([a-z0-9-]+)` \|/.exec(line)?.[1] ?? []);
  expect(codes).toEqual(REFUSALS.map(({ code }) => code));
});

test("the page has a row with its source for each difference that stands", () => {
  const rows = DIFFERENCES.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| here"));
  for (const row of rows) expect(row).toMatch(/\| RFC \d{4} [\d.C]+ \|$/);
  for (const { rule } of STRICTER) expect(rows.filter((row) => row.includes(`\`${rule}\``)).length, rule).toBe(1);
  for (const { name } of OTHERS) expect(rows.filter((row) => row.includes(name)).length, name).toBe(1);
});

function section(title: string): string {
  const from = PAGE.indexOf(title);
  const to = PAGE.indexOf("\n## ", from + 1);
  return PAGE.slice(from, to < 0 ? undefined : to);
}
