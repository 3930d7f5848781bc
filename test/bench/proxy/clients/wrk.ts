import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runToEnd } from "../processes.ts";
import type { Bench } from "../scenario.ts";

/** What wrk sends. All requests of one load are the same. */
export interface Load {
  readonly path: string;
  readonly connections: number;
  /** Besides Host. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A POST with so many bytes; absent: GET. */
  readonly postBytes?: number;
}

export interface LoadResult {
  /** Answered. */
  readonly requests: number;
  /** Sent: more than were answered where some were under way at the end. At most so many, where the client does not say. */
  readonly begun: number;
  readonly seconds: number;
  /** Received, heads included. */
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Runs wrk for one round.
 *
 * @throws Error when a connection failed, timed out, or got a status over 399: such a round measures something else
 */
export async function wrk(load: Load, port: number, { tools, folder, seconds }: Bench): Promise<LoadResult> {
  const command = tools.path("wrk");
  if (command === undefined) throw new Error("wrk is needed as the client");
  const script = join(folder, "load.lua");
  writeFileSync(script, lua(load));
  const size = ["-t1", `-c${load.connections}`, `-d${seconds}s`, "--timeout", "10s"];
  const url = `http://127.0.0.1:${port}${load.path}`;
  const text = await runToEnd({ command, args: [...size, "-s", script, url], env: tools.env }, (seconds + 30) * 1_000);
  const line = text.split("\n").find((each) => each.startsWith(MARK));
  if (line === undefined) throw new Error(`wrk printed no result: ${text}`);
  const [requests = 0, us = 0, bytes = 0, errors = 0, p50Us = 0, p99Us = 0] = line
    .slice(MARK.length)
    .split(" ")
    .map(Number);
  if (errors > 0) throw new Error(`${errors} of ${requests + errors} requests failed`);
  if (requests === 0) throw new Error("no request was answered");
  return {
    requests,
    begun: requests + load.connections,
    seconds: us / 1e6,
    bytes,
    p50Ms: p50Us / 1e3,
    p99Ms: p99Us / 1e3,
  };
}

const MARK = "result: ";

/** Settings only, no function per request: wrk then sends one prepared text again and again. */
function lua({ headers = {}, postBytes }: Load): string {
  return `
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers["${name}"] = "${value}"`)
  .join("\n")}
${postBytes === undefined ? "" : `wrk.method = "POST"\nwrk.body = string.rep("x", ${postBytes})`}
function done(summary, latency)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("${MARK}%d %d %d %d %d %d\\n", summary.requests, summary.duration, summary.bytes, failed,
    latency:percentile(50), latency:percentile(99)))
end
`;
}
