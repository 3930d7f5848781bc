import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Listening } from "./servers.ts";

const FOLDER = import.meta.dirname;

/** What lets an app carry traces that contains nothing of them. */
export const PRELOAD: readonly string[] = ["--import", "@weft/telemetry/propagate"];

/**
 * Starts an app of this folder in a process of its own, which says on its first line which port it listens on.
 *
 * @param flags of Node
 * @param env   added to ours
 */
export async function runApp(
  file: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Listening> {
  const { NODE_OPTIONS: _, ...own } = process.env; // the test runner's
  const args = ["--conditions=@weft/source", "--expose-gc", ...flags, join(FOLDER, file)];
  const child = spawn(process.execPath, args, {
    cwd: FOLDER,
    env: { ...own, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = Number(await firstLine(child));
  return {
    port,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("the app has no output");
  for await (const line of createInterface(stdout)) return line;
  throw new Error("the app ended before it listened");
}
