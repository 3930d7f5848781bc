import { type PolicyResult, policyResult } from "../measure/policy-result.ts";
import type { NamedPolicy, Scenario } from "../scenario/scenario.ts";
import { Simulation } from "./simulation.ts";

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told now and then which share of the scenario has passed, in [0, 1]. */
  readonly onProgress: (share: number) => void;
}

/** What one policy comes to. @throws the signal's reason when it aborts */
export async function runPolicy(
  scenario: Scenario,
  policy: NamedPolicy,
  { signal, onProgress }: RunOptions,
): Promise<PolicyResult> {
  const simulation = new Simulation(scenario, policy);
  await simulation.run(signal, () => onProgress(simulation.progress));
  return policyResult(policy.name, simulation.tally, scenario);
}
