import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

export interface Ended {
  /** Null: it was ended, because it did not end by itself in time. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an example as its head says, from the repository's root and over the packages as they are built. */
export function runExample(path: string): Promise<Ended> {
  const { NODE_OPTIONS: _, ...env } = process.env; // the test runner's own
  const options = { cwd: ROOT, env, timeout: 50_000, killSignal: "SIGKILL" } as const;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, commandOf(path), options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

/** Builds the packages that examples import, unless they are built. `npm test` builds before it tests. */
export function buildOnce(): void {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "examples", "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>; // npm's format
  };
  const ours = Object.keys(dependencies).filter((name) => name.startsWith("@weft/"));
  if (ours.every((name) => existsSync(join(ROOT, "packages", name.slice("@weft/".length), "dist", "index.js")))) return;
  const built = spawnSync(join(ROOT, "node_modules", ".bin", "tsc"), ["-b"], { cwd: ROOT, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`tsc -b: ${built.stdout}${built.stderr}`);
}

/**
 * The command that an example's head gives for itself.
 *
 * @param path below the repository: `examples/fetch.ts`
 * @throws Error when the head gives none, or another file's
 */
function commandOf(path: string): readonly string[] {
  const source = readFileSync(join(ROOT, path), "utf8");
  const command = /^\/\/ {3}(node \S+)$/m.exec(source)?.[1];
  if (command !== `node ${path}`) throw new Error(`the head of ${path} must say "//   node ${path}", not "${command}"`);
  return command.split(" ").slice(1);
}
