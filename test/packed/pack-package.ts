import { spawnSync } from "node:child_process";
import { join } from "node:path";

const PNPM = "pnpm@12.21.0";

/**
 * Packs one package as it would be published: `workspace:` becomes a version, `files` decides what goes in.
 *
 * @param folder of the package, built
 * @param target folder that receives the tarball
 * @returns path of the tarball
 * @throws Error with the packer's words when it fails
 */
export function packPackage(folder: string, target: string): string {
  const args = ["--yes", PNPM, "pack", "--json", "--pack-destination", target];
  const done = spawnSync("npx", args, { cwd: folder, encoding: "utf8", shell: process.platform === "win32" });
  if (done.status !== 0)
    throw new Error(`pnpm pack in ${folder}:\n${done.error?.message ?? done.stdout + done.stderr}`);
  const packed: unknown = JSON.parse(done.stdout.slice(done.stdout.search(/^[[{]/m)));
  const one: unknown = Array.isArray(packed) ? packed[0] : packed;
  if (typeof one !== "object" || one === null || !("filename" in one) || typeof one.filename !== "string") {
    throw new Error(`pnpm pack in ${folder} named no file: ${done.stdout}`);
  }
  return one.filename.startsWith("/") ? one.filename : join(target, one.filename);
}
