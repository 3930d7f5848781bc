import { runToEnd } from "../processes.ts";
import type { Bench } from "../scenario.ts";
import type { Load, LoadResult } from "./wrk.ts";

/**
 * Runs h2load for one round, over HTTP/1.1: GET only, headers of the load are sent.
 *
 * @throws Error when a request failed
 */
export async function h2load(load: Load, port: number, bench: Bench): Promise<LoadResult> {
  const { seconds } = bench;
  const { done, failed, bytes } = await run(load, port, [`-D${seconds}`], bench);
  if (failed > 0 || done === 0) throw new Error(`${failed} of ${done} requests failed`);
  return { requests: done, seconds, bytes, p50Ms: Number.NaN, p99Ms: Number.NaN };
}

/**
 * Sends a fixed number of requests and sees that each is answered with success. A load for a fixed time does not show
 * that: what is still open at its end may have waited for a millisecond or be lost, and a proxy that loses connections
 * has less to do.
 *
 * @throws Error when one failed, or was not answered within 10 s
 */
export async function answersAll(load: Load, count: number, port: number, bench: Bench): Promise<void> {
  const { succeeded } = await run(load, port, ["-n", String(count), "--connection-inactivity-timeout=10"], bench);
  if (succeeded !== count) throw new Error(`${count - succeeded} of ${count} requests were not answered with success`);
}

async function run(load: Load, port: number, much: readonly string[], { tools, seconds }: Bench) {
  const command = tools.path("h2load");
  if (command === undefined) throw new Error("h2load is needed as the client");
  const headers = Object.entries(load.headers ?? {}).map(([name, value]) => `--header=${name}: ${value}`);
  const url = `http://127.0.0.1:${port}${load.path}`;
  const args = ["--h1", "-t1", `-c${load.connections}`, ...much, ...headers, url];
  const text = await runToEnd({ command, args, env: tools.env }, (seconds + 60) * 1_000);
  const counts = /requests: .*? (\d+) done, (\d+) succeeded, (\d+) failed/.exec(text) ?? [];
  const [done = 0, succeeded = 0, failed = 0] = counts.slice(1).map(Number);
  return { done, succeeded, failed, bytes: Number(/traffic: .*?\((\d+)\) total/.exec(text)?.[1] ?? 0) };
}
