import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { conformancePage } from "./conformance-page.ts";
import { rolesOf, titleOf } from "./rule.ts";
import { RULES } from "./sections/all.ts";
import { DIFFERENCES } from "./standing-differences.ts";

const PAGE = new URL("../../docs/http2-conformance.md", import.meta.url);

test("docs/http2-conformance.md says what the tests say; `vitest run test/http2/conformance-page -u` writes it anew", async () => {
  await expect(conformancePage(readFileSync(PAGE, "utf8"))).toMatchFileSnapshot(PAGE.pathname);
});

test("each title is that of one test", () => {
  const titles = RULES.flatMap((one) => rolesOf(one).map((role) => `${role} ${titleOf(one)}`));
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
  const names = DIFFERENCES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("each section that asks an endpoint for something has a test", () => {
  const sections = new Set(RULES.map(({ section }) => section));
  const needed =
    "3.2 3.3 3.4 4.1 4.2 4.3 4.3.1 5.1 5.1.1 5.1.2 5.4.1 5.4.2 5.4.3 5.5 6.1 6.2 6.3 6.4 6.5 6.5.2 6.5.3 6.6 6.7 6.8 6.9 6.9.1 6.9.2 6.10 7 8.1 8.1.1 8.2 8.2.1 8.2.2 8.2.3 8.3 8.3.1 8.3.2 8.5 8.6 8.7 9.2 9.2.1 9.2.2 10.5.1";
  expect(needed.split(" ").filter((section) => !sections.has(section))).toEqual([]);
});
