import { type PolicyResult, policyResult } from "../measure/policy-result.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { Simulation } from "./simulation.ts";

export interface SimulateOptions {
  /** Ends the run: `simulate` then throws its reason. */
  readonly signal?: AbortSignal;
  /** Told now and then, some milliseconds apart. */
  readonly onProgress?: (progress: Progress) => void;
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

/**
 * Runs each policy of a scenario through it, with the code that production runs, under virtual time.
 *
 * The same scenario gives the same result, to the last digit.
 *
 * @throws the signal's reason when it aborts
 */
export async function simulate(scenario: Scenario, options: SimulateOptions = {}): Promise<ScenarioResult> {
  const { signal, onProgress } = options;
  const policies: PolicyResult[] = [];
  for (const [i, policy] of scenario.policies.entries()) {
    const simulation = new Simulation(scenario, policy);
    await simulation.run(signal, () => {
      onProgress?.({ policy: policy.name, share: (i + simulation.progress) / scenario.policies.length });
    });
    policies.push(policyResult(policy.name, simulation.tally, scenario));
  }
  return { scenario, policies };
}
