/*
 * Checks every import of every package against the table of the design. Prints each violation; exit code 1 when any.
 *
 *   node test/checks/imports.ts
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findConsulWatch, findImports } from "./find-imports.ts";
import { judgeImport } from "./import-rules.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** All that is published or shown, whatever the ending: a rule must not stop at `.ts`. */
const CHECKED = ["packages/*/{src,bin,pages}/**/*.{ts,mts,cts,js,mjs,cjs}", "examples/**/*.{ts,mts,cts,js,mjs,cjs}"];

/**
 * Checks the modules of all packages and of `examples/` below a folder.
 *
 * @param root a folder laid out like the repository
 * @returns one line per violation: `file:line: specifier: what is wrong`
 */
export async function checkImports(root: string): Promise<readonly string[]> {
  const violations: string[] = [];
  for (const path of globSync(CHECKED, { cwd: root }).toSorted()) {
    const file = path.replaceAll("\\", "/");
    if (file.includes("/node_modules/")) continue;
    const source = readFileSync(join(root, file), "utf8");
    for (const { specifier, line } of await findImports(source)) {
      const published = file.startsWith("packages/");
      if (specifier === undefined) {
        if (published) violations.push(`${file}:${line}: import(): name the module by a constant, to be checked`);
        continue;
      }
      const wrong = published || specifier.startsWith(".") ? judgeImport(file, specifier) : undefined;
      if (wrong !== undefined) violations.push(`${file}:${line}: ${specifier}: ${wrong}`);
    }
    for (const line of findConsulWatch(source)) {
      violations.push(`${file}:${line}: consul.watch: use the watcher of @weft/discovery`);
    }
  }
  return violations;
}

if (import.meta.main) {
  const violations = await checkImports(ROOT);
  for (const violation of violations) process.stdout.write(`${violation}\n`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
