import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runToEnd } from "../processes.ts";
import type { Bench } from "../scenario.ts";
import { type H2loadCounts, readH2loadOutput } from "./h2load-output.ts";
import type { Load, LoadResult } from "./wrk.ts";

/** A GET, or a POST of a body. */
export interface H2loadLoad extends Load {
  /** At once on each connection, over HTTP/2 in cleartext. Absent: HTTP/1.1. */
  readonly streams?: number;
  readonly body?: Buffer;
}

/**
 * Runs h2load for one round.
 *
 * @throws Error when a request failed, or was answered with another status than 200 to 299
 */
export async function h2load(load: H2loadLoad, port: number, bench: Bench): Promise<LoadResult> {
  const { seconds } = bench;
  const { started, done, failed, ok, bytes } = await run(load, port, [`-D${seconds}`], bench);
  // Over `done`: those whose answers had begun at the end.
  if (failed > 0 || ok < done || done === 0) {
    throw new Error(`${Math.max(failed, done - ok)} of ${done} requests failed`);
  }
  return { requests: done, begun: started, seconds, bytes, p50Ms: Number.NaN, p99Ms: Number.NaN };
}

/**
 * Sends a fixed number of requests and sees that each is answered with success. A load for a fixed time does not show
 * that: what is still open at its end may have waited for a millisecond or be lost, and a proxy that loses connections
 * has less to do.
 *
 * @throws Error when one failed, or was not answered within 10 s
 */
export async function answersAll(load: H2loadLoad, count: number, port: number, bench: Bench): Promise<void> {
  const { ok } = await run(load, port, ["-n", String(count), "--connection-inactivity-timeout=10"], bench);
  if (ok !== count) throw new Error(`${count - ok} of ${count} requests were not answered with success`);
}

async function run(load: H2loadLoad, port: number, much: readonly string[], bench: Bench): Promise<H2loadCounts> {
  const { tools, folder, seconds } = bench;
  const command = tools.path("h2load");
  if (command === undefined) throw new Error("h2load is needed as the client");
  const headers = Object.entries(load.headers ?? {}).map(([name, value]) => `--header=${name}: ${value}`);
  const protocol = load.streams === undefined ? "--h1" : `-m${load.streams}`;
  const url = `http://127.0.0.1:${port}${load.path}`;
  const args = [protocol, "-t1", `-c${load.connections}`, ...much, ...headers, ...bodyArguments(load, folder), url];
  return readH2loadOutput(await runToEnd({ command, args, env: tools.env }, (seconds + 60) * 1_000));
}

function bodyArguments({ body }: H2loadLoad, folder: string): string[] {
  if (body === undefined) return [];
  const file = join(folder, "h2load-body");
  writeFileSync(file, body);
  return [`--data=${file}`];
}
