import { parentPort, workerData } from "node:worker_threads";
import { runPolicy } from "../run/run-policy.ts";
import type { Told, WorkerData } from "./policy-threads.ts";

/*
 * What a thread of `inThreads` runs. Each message is the place of a policy in the scenario. An error ends the thread,
 * which tells whoever started it.
 */

const port = parentPort!; // this file is only ever the main module of a worker
const { scenario }: WorkerData = workerData; // as `inThreads` starts it
const tell = (told: Told): void => port.postMessage(told);

port.on("message", async (at: number) => {
  const policy = scenario.policies[at]!; // as `inThreads` numbers them
  const result = await runPolicy(scenario, policy, { onProgress: (share) => tell({ kind: "progress", share }) });
  tell({ kind: "done", result });
});
