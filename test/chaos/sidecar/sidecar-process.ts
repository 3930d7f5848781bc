import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PolicyInput } from "@weft/config";
import { onTestFinished } from "vitest";
import { type Running, runWeft } from "../../cli/running.ts";
import { type Answer, call, type SidecarRig } from "../../sidecar/rig.ts";
import { heldOf } from "./held-of.ts";

/** `weft sidecar` in a process of its own, with a policy file. */
export interface SidecarProcess extends Pick<SidecarRig, "admin" | "held"> {
  readonly running: Running;
  /** Port of the listener that the policy has beside the admin API's. */
  readonly port: number;
  /** Its policy file. */
  readonly file: string;
  /** Puts another text in the place of the policy, at once, as editors and Kubernetes do. */
  writePolicy(text: string | Buffer): Promise<void>;
  /** A number of `/metrics`; of several with that name, their sum. */
  metric(name: string): Promise<number>;
}

export interface SidecarProcessOptions {
  /** Files and sockets that it may have open, as `ulimit -n` sets it. Default: as many as this process. */
  readonly descriptors?: number;
  /** Without an admin API, `held` and `metric` cannot be asked. Default: on a free port. */
  readonly policy: PolicyInput;
}

/** Starts one and waits for its ready line. Killed with the test. */
export async function sidecarProcess({ policy, descriptors }: SidecarProcessOptions): Promise<SidecarProcess> {
  const folder = await mkdtemp(join(tmpdir(), "weft-chaos-"));
  const file = join(folder, "policy.yaml");
  const writePolicy = async (text: string | Buffer): Promise<void> => {
    await writeFile(`${file}.next`, text);
    await rename(`${file}.next`, file);
  };
  const { sidecar, ...rest } = policy;
  await writePolicy(JSON.stringify({ ...rest, sidecar: { admin: { listen: "127.0.0.1:0" }, ...sidecar } }, null, 2));
  const running = runWeft(["sidecar", file], descriptors === undefined ? "" : limitTo(descriptors));
  onTestFinished(async () => {
    await running[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const ready = await running.says(/^\{"ready":true.*\n/m);
  const port = Number(/"name":"(?:in|out)bound","address":"127\.0\.0\.1:(\d+)"/.exec(ready[0])?.[1]);
  const adminPort = Number(/"name":"admin","address":"127\.0\.0\.1:(\d+)"/.exec(ready[0])?.[1]);
  const admin = (path: string, method = "GET"): Promise<Answer> => call(adminPort, path, { method, host: "localhost" });
  return {
    running,
    port,
    file,
    writePolicy,
    admin,
    held: () => heldOf(admin),
    async metric(name) {
      const { body } = await admin("/metrics");
      const samples = body.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      if (samples.length === 0) throw new Error(`no metric is called ${name}`);
      return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
    },
  };
}

/** JavaScript that a process runs first: Node raises the limit when it starts, so it is set after that. */
function limitTo(descriptors: number): string {
  return `
    const { execFileSync } = await import("node:child_process");
    execFileSync("prlimit", ["--pid", String(process.pid), "--nofile=${descriptors}:${descriptors}"]);`;
}
