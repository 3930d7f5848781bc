import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { endsWithFile } from "../ends-with-file.ts";
import type { Listening } from "./servers.ts";

/** What lets an app carry traces that contains nothing of them. */
export const PRELOAD: readonly string[] = ["--import", "@weft/telemetry/propagate"];

// Apps of this folder.
export const PLAIN_APP: string = fileURLToPath(new URL("plain-app.ts", import.meta.url));
export const OTEL_APP: string = fileURLToPath(new URL("otel-app.ts", import.meta.url));
export const GRPC_APP: string = fileURLToPath(new URL("grpc-app.ts", import.meta.url));
export const MESHED_APP: string = fileURLToPath(new URL("meshed-app.ts", import.meta.url));

/**
 * Starts an app in a process of its own, which says on its first line which port it listens on.
 *
 * @param args of Node: flags, and the app
 * @param env  added to ours
 * @throws Error when it ends before it listens
 */
export async function runApp(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Listening> {
  const { NODE_OPTIONS: _, ...own } = process.env; // the test runner's
  const child = endsWithFile(
    spawn(process.execPath, ["--conditions=@weft/source", "--expose-gc", ...args], {
      cwd: import.meta.dirname,
      env: { ...own, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  const errors = textOf(child);
  const port = Number(await firstLine(child));
  if (!(port > 0)) throw new Error(`the app ended before it listened: ${await errors}`);
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

async function textOf({ stderr }: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of stderr ?? []) text += String(chunk);
  return text;
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout !== null) for await (const line of createInterface(stdout)) return line;
  return "";
}
