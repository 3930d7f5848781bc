import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Counted } from "./score.ts";

/** `weft run`: a sidecar, and reports next to it. */
export interface SidecarRun {
  readonly process: ChildProcess;
  /** Where the sidecar takes calls, and where it says what it knows: `host:port`. */
  readonly outbound: string;
  readonly admin: string;
}

/** What reports is written in: Python, or where there is none, bare sockets. */
export type Language = "Python" | "bare sockets";

/** Whether there is a Python here that reports.py runs on. */
export function languageHere(): Language {
  const ask = "import sys; sys.exit(sys.version_info < (3, 8))";
  return spawnSync("python3", ["-c", ask], { stdio: "ignore" }).status === 0 ? "Python" : "bare sockets";
}

/**
 * Starts `weft run` in front of reports; resolves when the sidecar is ready. It ends when its standard input does.
 *
 * @param file  where the policy is written to
 * @param heard called once a second, with the retries from the sidecar's access log
 */
export async function startSidecarRun(
  consulUrl: string,
  file: string,
  language: Language,
  heard: (counted: Counted) => void,
): Promise<SidecarRun> {
  await writeFile(file, JSON.stringify(policyOf(consulUrl)));
  const weft = fileURLToPath(new URL("../../packages/cli/bin/weft.js", import.meta.url));
  const child = spawn(process.execPath, [weft, "run", file, "--", ...commandOf(language)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => {}); // it has ended before it was told to
  let retries = 0;
  createInterface(child.stdout).on("line", (line) => {
    // reports.py and reports.ts print nothing else.
    const counted = JSON.parse(line) as Omit<Counted, "retries" | "failure"> & { readonly failure?: string | null };
    heard({ ...counted, failure: counted.failure ?? undefined, retries });
    retries = 0;
  });
  const { promise, resolve, reject } = Promise.withResolvers<Pick<SidecarRun, "outbound" | "admin">>();
  child.once("exit", (code, signal) => reject(new Error(`weft run ended at its start: ${signal ?? code}`)));
  // Its log, access log and ready line.
  createInterface(child.stderr).on("line", (line) => {
    if (!line.startsWith("{")) return line.startsWith("weft run: ") ? undefined : process.stderr.write(`${line}\n`);
    const said = JSON.parse(line) as Ready | Access; // the sidecar's own forms
    if ("ready" in said) resolve(addressesOf(said));
    else retries += Math.max(0, said.attempts - 1);
  });
  return { process: child, ...(await promise) };
}

/** Ends reports, and with it the sidecar. */
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

function commandOf(language: Language): readonly string[] {
  const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
  return language === "Python" ? ["python3", path("reports.py")] : [process.execPath, path("reports.ts")];
}

/** What web says to createMesh, as a policy file. */
function policyOf(url: string): object {
  const listen = "127.0.0.1:0";
  return {
    version: 1,
    discovery: { consul: { url } },
    services: {
      orders: {
        timeout: { total: "10s", attempt: "2s" },
        retry: { maxRetries: 2 },
        outliers: { baseEjection: "2s", maxEjection: "4s" },
      },
    },
    sidecar: { outbound: { listen }, admin: { listen } },
    telemetry: { accessLog: "json" },
  };
}
