import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Caller } from "./callers.ts";
import type { Counted } from "./score.ts";

/** `weft run`: a sidecar, and a caller next to it. */
export interface SidecarRun {
  readonly process: ChildProcess;
  /** Where the sidecar takes calls, and where it says what it knows: `host:port`. */
  readonly outbound: string;
  readonly admin: string;
}

/**
 * Starts `weft run` in front of a caller; resolves when the sidecar is ready. It ends when its standard input does.
 *
 * @param file  where the policy is written to
 * @param heard called once a second, with the retries from the sidecar's access log
 */
export async function startSidecarRun(
  policy: object,
  file: string,
  { name, command }: Caller,
  heard: (counted: Counted) => void,
): Promise<SidecarRun> {
  await writeFile(file, JSON.stringify(policy));
  const weft = fileURLToPath(new URL("../../packages/cli/bin/weft.js", import.meta.url));
  const child = spawn(process.execPath, [weft, "run", file, "--", ...command], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => {}); // it has ended before it was told to
  let retries = 0;
  createInterface(child.stdout).on("line", (line) => {
    // The callers print nothing else.
    const counted = JSON.parse(line) as Omit<Counted, "retries" | "failure"> & { readonly failure?: string | null };
    heard({ ...counted, failure: counted.failure ?? undefined, retries });
    retries = 0;
  });
  const { promise, resolve, reject } = Promise.withResolvers<Pick<SidecarRun, "outbound" | "admin">>();
  child.once("exit", (code, signal) => reject(new Error(`weft run of ${name} ended at its start: ${signal ?? code}`)));
  // Its log, access log and ready line.
  createInterface(child.stderr).on("line", (line) => {
    if (!line.startsWith("{")) return line.startsWith("weft run: ") ? undefined : process.stderr.write(`${line}\n`);
    const said = JSON.parse(line) as Ready | Access; // the sidecar's own forms
    if ("ready" in said) resolve(addressesOf(said));
    else retries += Math.max(0, said.attempts - 1);
  });
  return { process: child, ...(await promise) };
}

/** Ends the caller, and with it the sidecar. */
export async function endSidecarRun({ process: child }: SidecarRun): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.stdin?.end();
  const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(late);
}

interface Ready {
  readonly ready: true;
  readonly listeners: readonly { readonly name: string; readonly address: string }[];
}

interface Access {
  readonly attempts: number;
}

function addressesOf({ listeners }: Ready): Pick<SidecarRun, "outbound" | "admin"> {
  const of = (name: string): string => listeners.find((listener) => listener.name === name)?.address ?? "";
  return { outbound: of("outbound"), admin: of("admin") };
}
