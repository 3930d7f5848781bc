import { spawnSync } from "node:child_process";

/** Programs of other languages, whose HTTP clients are called through weft. */
export type ToolCommand = "curl" | "python3" | "go" | "java";

/** A program of this machine, or in words why the tests that want it are skipped. */
export type RealTool =
  | { readonly kind: "found"; readonly command: string }
  | { readonly kind: "missing"; readonly skip: string };

/** What `.ci/run` makes sure of. */
const REQUIRED: readonly ToolCommand[] = ["curl", "python3", "go"];
const VERSION: Readonly<Record<ToolCommand, string>> = {
  curl: "--version",
  python3: "--version",
  go: "version",
  java: "-version",
};

/**
 * Finds a program in `PATH` by asking it for its version.
 *
 *   const go = realTool("go");
 *   test.skipIf(go.kind === "missing")(`Go's client calls through it${go.kind === "missing" ? ` (${go.skip})` : ""}`, ...)
 *
 * @throws Error when env `REQUIRE_REAL` is 1 and curl, python3 or go is missing: a skipped test would hide what must be
 *   tested; java may be missing everywhere
 */
export function realTool(command: ToolCommand): RealTool {
  if (spawnSync(command, [VERSION[command]], { stdio: "ignore", timeout: 20_000 }).status === 0) {
    return { kind: "found", command };
  }
  const skip = `no ${command} on this machine`;
  if (process.env["REQUIRE_REAL"] === "1" && REQUIRED.includes(command)) throw new Error(skip);
  return { kind: "missing", skip };
}
