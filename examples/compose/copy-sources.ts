import { cpSync, globSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

/** What belongs to the machine that it was installed or built on, whose system may be another. */
const OF_THE_MACHINE = new Set([".git", ".cache", "node_modules", "dist"]);

/**
 * Copies a repository without what is installed or built in it. What is installed and built at the other place stays,
 * and is found again.
 *
 * @param to a folder outside of `from`; made when it is not there
 * @throws Error of node:fs for what cannot be read or written
 */
export function copySources(from: string, to: string): void {
  // A source that is gone is not to be built.
  for (const folder of globSync("packages/*/src", { cwd: to })) rmSync(join(to, folder), { recursive: true });
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !OF_THE_MACHINE.has(basename(path)) && !path.endsWith(".tsbuildinfo"),
  });
}
