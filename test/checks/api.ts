/*
 * Holds the public surface of each package against its committed `api.txt`.
 *
 *   node test/checks/api.ts             prints what differs; exit code 1 when anything does
 *   node test/checks/api.ts --update    writes the files (this is `npm run update:api`, which builds first)
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { publicSurface } from "./public-surface.ts";

const ROOT = join(import.meta.dirname, "..", "..");

let different = 0;
for (const manifest of globSync("packages/*/package.json", { cwd: ROOT }).toSorted()) {
  const folder = join(ROOT, dirname(manifest));
  const path = join(folder, "api.txt");
  const now = entries(folder).flatMap(([entry, types]) => {
    const lines = publicSurface(join(folder, types));
    return entry === "." ? lines : lines.map((line) => `${entry} ${line}`);
  });
  if (process.argv.includes("--update")) {
    writeFileSync(path, now.map((line) => `${line}\n`).join(""));
    continue;
  }
  const before = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
  const gone = before.filter((line) => !now.includes(line)).map((line) => `  - ${line}`);
  const added = now.filter((line) => !before.includes(line)).map((line) => `  + ${line}`);
  if (gone.length + added.length === 0) continue;
  different++;
  process.stdout.write(`${[`${dirname(manifest)}/api.txt`, ...gone, ...added].join("\n")}\n`);
}
/** The entries of a package that can be imported from TypeScript, and where their types are. */
function entries(folder: string): [entry: string, types: string][] {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>; // publint holds it to that form
  };
  return Object.entries(exports).flatMap(([entry, to]) => (typeof to === "string" ? [] : [[entry, to.types]]));
}

if (different > 0) {
  process.stdout.write("The public surface changed. If that is meant: npm run update:api, and commit the files.\n");
  process.exitCode = 1;
}
