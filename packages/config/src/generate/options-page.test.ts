import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { BUILT_IN } from "../resolve/built-in.ts";
import { PAGE_FILE, SCHEMA_FILE } from "./files.ts";
import { withOptions } from "./options-page.ts";

test("the tables of the page are what the schema gives; `pnpm --filter @weft/config generate` writes them", async () => {
  const page = await readFile(PAGE_FILE, "utf8");
  expect(page).toBe(withOptions(page));
});

test("every built-in default stands in a table", async () => {
  const page = await readFile(PAGE_FILE, "utf8");
  for (const field of Object.keys(BUILT_IN)) expect(page).toContain(`| \`${field}\` |`);
});

test("every option has a meaning", async () => {
  const rows = (await readFile(PAGE_FILE, "utf8")).match(/^\| `.*$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(60);
  expect(rows.filter((row) => row.endsWith("|  |"))).toEqual([]);
});

test("the page shows the example that is committed beside the schema", async () => {
  const example = await readFile(new URL("example.yaml", SCHEMA_FILE), "utf8");
  expect(await readFile(PAGE_FILE, "utf8")).toContain(`\`\`\`yaml\n${example}\`\`\`\n`);
});

test("a page without a place for the tables is refused", () => {
  expect(() => withOptions("# Configuration\n")).toThrow("no place for its options");
});
