import type { PolicyResult } from "../measure/policy-result.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { inThreads } from "../threads/policy-threads.ts";
import { runPolicy } from "./run-policy.ts";

export interface SimulateOptions {
  /** Ends the run: `simulate` then throws its reason. */
  readonly signal?: AbortSignal;
  /** Told now and then, some milliseconds apart. */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Policies are run in so many threads at most, at once, where there are several and it is worth their start. Whole, >= 1.
   * Default 1: one after the other, in this thread. The results are the same.
   */
  readonly threads?: number;
}

export interface Progress {
  readonly policy: string;
  /** Of all policies together, in [0, 1]. */
  readonly share: number;
}

/** What a scenario comes to: one result for each of its policies, in their order. */
export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly policies: readonly PolicyResult[];
}

/** A thread takes about as long to start as so many calls. */
const WORTH_THREADS = 100_000;

/**
 * Runs each policy of a scenario through it, with the code that production runs, under virtual time.
 *
 * The same scenario gives the same result, to the last digit.
 *
 * @throws the signal's reason when it aborts
 */
export async function simulate(scenario: Scenario, options: SimulateOptions = {}): Promise<ScenarioResult> {
  const { signal, onProgress, threads = 1 } = options;
  const { policies } = scenario;
  const shares = policies.map(() => 0);
  const told = (at: number, share: number): void => {
    shares[at] = share;
    const all = shares.reduce((sum, one) => sum + one, 0);
    onProgress?.({ policy: policies[at]!.name, share: all / policies.length });
  };
  if (Math.min(threads, policies.length) > 1 && callsOf(scenario) * policies.length >= WORTH_THREADS) {
    return { scenario, policies: await inThreads(scenario, threads, told, signal) };
  }
  const results: PolicyResult[] = [];
  for (const [at, policy] of policies.entries()) {
    results.push(await runPolicy(scenario, policy, { signal, onProgress: (share) => told(at, share) }));
    shares[at] = 1;
  }
  return { scenario, policies: results };
}

/** About how many arrive. */
function callsOf({ phases, durationMs }: Scenario): number {
  return phases.reduce((sum, { atMs, ratePerSecond }, i) => {
    const untilMs = phases[i + 1]?.atMs ?? durationMs;
    return sum + (ratePerSecond * (untilMs - atMs)) / 1_000;
  }, 0);
}
