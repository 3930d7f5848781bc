import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithFile } from "../ends-with-file.ts";
import { cachedTool, type CachedTool } from "../real/cached-tool.ts";
import { freePorts } from "../real/free-ports.ts";

/** The folder of the Prometheus and the promtool that `.ci/prometheus` fetched, or in words why tests are skipped. */
export const PROMETHEUS: CachedTool = cachedTool("prometheus/usr/bin", ".ci/prometheus");

/** A real Prometheus on loopback; `stop` ends it and deletes its files. */
export interface RealPrometheus {
  /** Asks for an expression now. @throws Error with what Prometheus says of it */
  query(expression: string): Promise<readonly QueryResult[]>;
  /** Ends it with SIGKILL and waits for that. Idempotent. */
  stop(): Promise<void>;
}

interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  /** As Prometheus writes numbers: `NaN` and `+Inf` are some. */
  readonly value: readonly [atSeconds: number, value: string];
}

const START_MS = 50_000;

/**
 * Starts one and waits until it is ready.
 *
 * @param folder of the programs, as found by `PROMETHEUS`
 * @param files  by name; `prometheus.yml` is the configuration
 * @throws Error with its own log when it ends early or is not ready within 50 s
 */
export async function startRealPrometheus(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<RealPrometheus> {
  const [port = 0] = await freePorts(1);
  const home = await mkdtemp(join(tmpdir(), "weft-prometheus-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text);
  const args = [
    `--config.file=${join(home, "prometheus.yml")}`,
    `--storage.tsdb.path=${join(home, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = endsWithFile(spawn(join(folder, "prometheus"), args, { cwd: home, stdio: ["ignore", "pipe", "pipe"] }));

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
    await rm(home, { recursive: true, force: true });
  }

  const url = `http://127.0.0.1:${port}`;
  const limit = AbortSignal.timeout(START_MS);
  while (!(await isReady(url, limit))) {
    if (ended || limit.aborted) {
      await stop();
      throw new Error(`prometheus ${ended ? "ended early" : `was not ready after ${START_MS} ms`}:\n${log}`);
    }
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  return { query: (expression) => query(url, expression), stop };
}

async function isReady(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`, { signal })).ok;
  } catch {
    return false; // Not listening yet, or out of time: the caller's loop tells which.
  }
}

async function query(url: string, expression: string): Promise<readonly QueryResult[]> {
  const response = await fetch(`${url}/api/v1/query`, {
    method: "POST",
    body: new URLSearchParams({ query: expression }),
  });
  // Source: Prometheus, HTTP API, "Instant queries".
  const answer = (await response.json()) as { error?: string; data?: { result: readonly QueryResult[] } };
  if (answer.data === undefined) throw new Error(`${expression}: ${answer.error}`);
  return answer.data.result;
}
