/*
 * Checks the pages: README.md, CONTRIBUTING.md, docs/ and the READMEs of packages. Every fenced block of them, and every
 * link to a file or heading of ours. Prints each that is wrong; exit code 1 when any.
 *
 *   node test/checks/docs.ts [PAGE ...]
 *
 * Build first: programs in the docs import the packages as users do.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkBlock } from "./check-block.ts";
import { docBlocks } from "./doc-blocks.ts";
import { lostLinks } from "./doc-links.ts";

const ROOT = join(import.meta.dirname, "..", "..");

const named = process.argv.slice(2);
const pages =
  named.length > 0
    ? named
    : ["README.md", "CONTRIBUTING.md", ...globSync(["docs/**/*.md", "packages/*/README.md"], { cwd: ROOT }).toSorted()];
for (const page of pages.filter((path) => existsSync(join(ROOT, path)))) {
  for (const lost of lostLinks(ROOT, page.replaceAll("\\", "/"))) {
    process.stdout.write(`${lost}\n`);
    process.exitCode = 1;
  }
  for (const block of docBlocks(readFileSync(join(ROOT, page), "utf8"))) {
    const wrong = checkBlock(block);
    if (wrong === undefined) continue;
    process.stdout.write(`${page}:${block.line}: ${wrong}\n`);
    process.exitCode = 1;
  }
}
