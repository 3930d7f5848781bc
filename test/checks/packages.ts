/*
 * Holds each public package against publint (strict) and attw (ESM only), as it would be packed. Build first.
 *
 *   node test/checks/packages.ts
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packPackage } from "../packed/pack-package.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "weft-packages-"));
try {
  for (const manifest of globSync("packages/*/package.json", { cwd: ROOT }).toSorted()) {
    const name = dirname(manifest);
    const tarball = packPackage(join(ROOT, name), folder);
    report(name, "publint", [tarball, "--strict"]);
    report(name, "attw", [tarball, "--profile", "esm-only", "--no-emoji"]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function report(name: string, tool: string, args: readonly string[]): void {
  const done = spawnSync(join(ROOT, "node_modules", ".bin", tool), args, { cwd: ROOT, encoding: "utf8" });
  if (done.status === 0) return;
  process.stdout.write(`${name}: ${tool}\n${done.error?.message ?? done.stdout + done.stderr}\n`);
  process.exitCode = 1;
}
