import { nodeProgram } from "../peers/node-program.ts";
import { runToEnd } from "../processes.ts";
import type { Bench } from "../scenario.ts";
import type { H2loadLoad } from "./h2load.ts";
import type { LoadResult } from "./wrk.ts";

/**
 * A client for what h2load cannot send: requests that differ. Each of its streams is answered, or the round fails.
 *
 * @param name of the load in `programs/h2/loads.ts`; path, fields and body of the scenario's load are not looked at
 */
export function ownClient(name: string) {
  return async (load: H2loadLoad, port: number, { seconds }: Bench): Promise<LoadResult> => {
    const args = [port, name, load.connections, load.streams, seconds].map(String);
    const text = await runToEnd(nodeProgram("h2-load-client.ts", args), (seconds + 30) * 1_000);
    // One object, as the program's first lines say.
    const { streams = 0, seconds: took = 0 } = JSON.parse(text) as Record<string, number>;
    if (streams === 0) throw new Error("no stream was answered");
    return { requests: streams, begun: streams, seconds: took, bytes: 0, p50Ms: Number.NaN, p99Ms: Number.NaN };
  };
}
