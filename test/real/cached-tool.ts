import { existsSync } from "node:fs";
import { join } from "node:path";

/** What a script of `.ci` has put under `.cache`, or in words why the tests that want it are skipped. */
export type CachedTool =
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "missing"; readonly skip: string };

const ROOT = join(import.meta.dirname, "..", "..");

/**
 * Finds a program or folder that `.ci/run` fetched or built. Tests themselves fetch nothing.
 *
 * @param path   under `.cache`
 * @param script that puts it there, such as `.ci/grpc-go`
 * @throws Error when it is missing and env `REQUIRE_REAL` is 1: a skipped test would hide what must be tested
 */
export function cachedTool(path: string, script: string): CachedTool {
  const full = join(ROOT, ".cache", path);
  if (existsSync(full)) return { kind: "found", path: full };
  const skip = `no .cache/${path}; ${script} puts it there`;
  if (process.env["REQUIRE_REAL"] === "1") throw new Error(skip);
  return { kind: "missing", skip };
}
