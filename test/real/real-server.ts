import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithFile } from "../ends-with-file.ts";
import { freePorts } from "./free-ports.ts";

/** Where a real Consul is, or in words why the tests that want one are skipped. */
export type RealConsul =
  | { readonly kind: "found"; readonly binary: string }
  | { readonly kind: "missing"; readonly skip: string };

/** A real agent on loopback. Nothing but this object knows its ports; `stop` ends it and deletes its files. */
export interface RealAgent {
  /** Origin of its HTTP API, such as `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly host: "127.0.0.1";
  readonly port: number;
  /** Of the agent's process, for tests that stop or kill it. */
  readonly pid: number;
  /** Ends the agent with SIGKILL and waits for that. Idempotent. */
  stop(): Promise<void>;
}

const CACHED = join(import.meta.dirname, "..", "..", ".cache", "consul", "consul");
const START_MS = 50_000;

/**
 * Finds the real Consul: env `WEFT_CONSUL`, else the one that `.ci/consul` fetched.
 *
 *   const real = realConsul();
 *   describe.skipIf(real.kind === "missing")(`against real Consul${real.kind === "missing" ? ` (${real.skip})` : ""}`, ...)
 *
 * @throws Error when there is none and env `REQUIRE_REAL` is 1: then a skipped test would hide what must be tested
 */
export function realConsul(): RealConsul {
  const binary = process.env["WEFT_CONSUL"] ?? CACHED;
  if (executable(binary)) return { kind: "found", binary };
  const skip = `no real Consul at ${process.env["WEFT_CONSUL"] ?? ".cache/consul/consul"}; .ci/consul fetches it`;
  if (process.env["REQUIRE_REAL"] === "1") throw new Error(skip);
  return { kind: "missing", skip };
}

/**
 * Starts one agent in development mode and waits until it has a leader and lists itself, so that the first query of a
 * test meets a registry that is at rest.
 *
 * @param binary  as found by `realConsul`
 * @param options `args` are further command line arguments of `consul agent`; `httpPort` reuses a port, for restarts
 * @throws Error with the agent's own log when it ends early or has no leader within 50 s
 */
export async function startRealConsul(
  binary: string,
  options: { readonly args?: readonly string[]; readonly httpPort?: number } = {},
): Promise<RealAgent> {
  const [http = 0, serfLan = 0, serfWan = 0, server = 0] = await freePorts(4);
  const port = options.httpPort ?? http;
  const folder = await mkdtemp(join(tmpdir(), "weft-consul-"));
  const ports = { http: port, dns: -1, grpc: -1, serf_lan: serfLan, serf_wan: serfWan, server };
  const config = JSON.stringify({ ports, disable_update_check: true, leave_on_terminate: false });
  const args = ["agent", "-dev", "-bind=127.0.0.1", "-client=127.0.0.1", `-node=weft-${port}`, `-hcl=${config}`];
  const child = endsWithFile(
    spawn(binary, [...args, ...(options.args ?? [])], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }),
  );

  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-20_000)));
  }
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once("error", (error) => resolve(void (log += error.message)));
    child.once("close", () => resolve());
  }).then(() => void (ended = true));

  async function stop(): Promise<void> {
    child.kill("SIGKILL");
    await end;
    await rm(folder, { recursive: true, force: true });
  }

  const url = `http://127.0.0.1:${port}`;
  const limit = AbortSignal.timeout(START_MS);
  while (!(await atRest(url, limit))) {
    if (ended || limit.aborted) {
      await stop();
      throw new Error(`consul ${ended ? "ended early" : `had no leader after ${START_MS} ms`}:\n${log}`);
    }
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  return { url, host: "127.0.0.1", port, pid: child.pid ?? 0, stop };
}

async function atRest(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const leader = await fetch(`${url}/v1/status/leader`, { signal });
    if ((await leader.text()) === '""') return false;
    const nodes: unknown = await (await fetch(`${url}/v1/health/service/consul?passing`, { signal })).json();
    return Array.isArray(nodes) && nodes.length > 0;
  } catch {
    return false; // Not listening yet, or out of time: the caller's loop tells which.
  }
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
