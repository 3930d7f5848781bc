import { runToEnd } from "../processes.ts";
import type { Bench } from "../scenario.ts";
import type { Load, LoadResult } from "./wrk.ts";

/**
 * Runs h2load for one round, over HTTP/1.1: GET only, headers of the load are sent.
 *
 * @throws Error when a request failed
 */
export async function h2load(load: Load, port: number, { tools, seconds }: Bench): Promise<LoadResult> {
  const command = tools.path("h2load");
  if (command === undefined) throw new Error("h2load is needed as the client");
  const headers = Object.entries(load.headers ?? {}).map(([name, value]) => `--header=${name}: ${value}`);
  const args = [
    "--h1",
    "-t1",
    `-c${load.connections}`,
    `-D${seconds}`,
    ...headers,
    `http://127.0.0.1:${port}${load.path}`,
  ];
  const text = await runToEnd({ command, args, env: tools.env }, (seconds + 30) * 1_000);
  const [, done = "0", failed = "0"] = /requests: .*?(\d+) done, \d+ succeeded, (\d+) failed/.exec(text) ?? [];
  const [, bytes = "0"] = /traffic: .*?\((\d+)\) total/.exec(text) ?? [];
  if (Number(failed) > 0 || Number(done) === 0) throw new Error(`${failed} of ${done} requests failed`);
  return { requests: Number(done), seconds, bytes: Number(bytes), p50Ms: Number.NaN, p99Ms: Number.NaN };
}
