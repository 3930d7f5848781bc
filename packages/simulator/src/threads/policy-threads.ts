import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { PolicyResult } from "../measure/policy-result.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** What a thread is started with. */
export interface WorkerData {
  readonly scenario: Scenario;
}

/** What a thread says. */
export type Told =
  | { readonly kind: "progress"; readonly share: number }
  | { readonly kind: "done"; readonly result: PolicyResult };

/** Beside this file, as source or as built. */
const WORKER = new URL(`./policy-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Runs the policies of a scenario in threads, each of which takes the next policy when it is done with one.
 *
 * @param threads at most, >= 1
 * @param told how far the policy at a place in the list has come, in [0, 1]
 * @returns the results in the order of the policies
 * @throws what the first of them fails with, or the signal's reason; no thread is left in any case
 */
export async function inThreads(
  scenario: Scenario,
  threads: number,
  told: (at: number, share: number) => void,
  signal: AbortSignal | undefined,
): Promise<readonly PolicyResult[]> {
  signal?.throwIfAborted();
  const { policies } = scenario;
  const results: PolicyResult[] = [];
  const places = policies.keys(); // one iterator for all threads: each takes the next from it
  const workers = Array.from({ length: Math.min(threads, policies.length) }, () => startWorker(scenario));
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const lanes = workers.map(async (worker) => {
      for (const at of places) results[at] = await resultOf(worker, at, told);
    });
    await Promise.race([Promise.all(lanes), aborted.promise]);
    return results;
  } finally {
    signal?.removeEventListener("abort", abort);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function startWorker(scenario: Scenario): Worker {
  const workerData: WorkerData = { scenario };
  // Otherwise a thread has the arguments of the process; but one that is a file refuses what a text is run with.
  const isText = process.execArgv.some((argument) => argument.startsWith("--input-type"));
  return new Worker(WORKER, {
    workerData,
    ...(isText && { execArgv: process.execArgv.filter((argument) => argument.startsWith("--conditions=")) }),
  });
}

/** @throws what the thread dies of */
function resultOf(worker: Worker, at: number, told: (at: number, share: number) => void): Promise<PolicyResult> {
  return new Promise((resolve, reject) => {
    const exited = (code: number): void => end(() => reject(new Error(`a thread of the simulation exited: ${code}`)));
    const failed = (error: unknown): void => end(() => reject(error));
    const heard = (message: Told): void => {
      if (message.kind === "progress") told(at, message.share);
      else end(() => resolve(message.result));
    };
    const end = (settle: () => void): void => {
      worker.off("message", heard).off("error", failed).off("exit", exited);
      settle();
    };
    worker.on("message", heard).on("error", failed).on("exit", exited);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, and no window
    worker.postMessage(at);
  });
}
