import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parsePolicy } from "@weft/config";
import { expect, test } from "vitest";
import { docBlocks } from "../checks/doc-blocks.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const policies = globSync(["README.md", "docs/**/*.md"], { cwd: ROOT }).flatMap((page) =>
  docBlocks(readFileSync(join(ROOT, page), "utf8"))
    .filter(({ language, code }) => language === "yaml" && code.startsWith("version: 1\n"))
    .map(({ line, code }) => ({ place: `${page}:${line}`, code })),
);

test("the pages show policies", () => {
  expect(policies.length).toBeGreaterThan(3);
});

test.each(policies)("the policy at $place is accepted", async ({ place, code }) => {
  await expect(parsePolicy(code, { file: place })).resolves.toBeDefined();
});
