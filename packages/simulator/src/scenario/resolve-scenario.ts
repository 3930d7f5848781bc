import { resolve } from "node:path";
import { durationMs, type ServicePolicy, type ServicePolicyInput } from "@weft/config";
import type { Finding } from "@weft/config/forms";
import { resolveEvents } from "./resolve-events.ts";
import { resolveLatency } from "./resolve-latency.ts";
import { resolvePolicy } from "./resolve-policy.ts";
import type { EndpointPlan, NamedPolicy, Phase, Scenario } from "./scenario.ts";
import type { ArrivalsInput, EndpointsInput, ScenarioInput } from "./scenario-input.ts";

export interface Resolved {
  /** Undefined where it contradicts itself. */
  readonly scenario: Scenario | undefined;
  readonly findings: readonly Finding[];
}

/** What resolving needs to know, and where it says what is wrong. */
export interface Resolving {
  readonly findings: Finding[];
  /** The path of a file that the scenario names. */
  readonly found: (file: string) => string;
}

/** How the scenario's own policy stands in the results. */
const OWN = "policy";
/** More endpoints than a registry hands to one client. */
const MOST_ENDPOINTS = 10_000;
/** Each client measures each endpoint, which takes some 600 bytes: these are 300 MB. */
const MOST_MEASURED = 500_000;

/** Turns a scenario of the right form into plain numbers, and says what in it contradicts what. */
export async function resolveScenario(
  input: ScenarioInput,
  { name, folder }: { readonly name: string; readonly folder: string },
): Promise<Resolved> {
  const findings: Finding[] = [];
  const resolving: Resolving = { findings, found: (file) => resolve(folder, file) };
  const { seed = 1, clients = 1, duration, successWithin } = input;
  const durationOf = durationMs(duration);
  const phases = phasesOf(input, resolving);
  const endpoints = await endpointsOf(input.endpoints, resolving);
  const events = await resolveEvents(input.events ?? [], endpoints.length, durationOf, resolving);
  const policies = policiesOf(input, resolving);
  const importance = { critical: 0, low: 0, ...input.importance };
  if (importance.critical + importance.low > 1) {
    const message = `${importance.critical} critical and ${importance.low} low are more than all calls`;
    findings.push({ severity: "error", path: ["importance"], message });
  }
  if (clients * endpoints.length > MOST_MEASURED) {
    const message = `${clients} clients and ${endpoints.length} endpoints are more than ${MOST_MEASURED} pairs`;
    findings.push({ severity: "error", path: ["clients"], message });
  }
  if (findings.some(({ severity }) => severity === "error")) return { scenario: undefined, findings };
  const scenario: Scenario = {
    name,
    seed,
    durationMs: durationOf,
    successWithinMs: successWithin === undefined ? Number.POSITIVE_INFINITY : durationMs(successWithin),
    clients,
    phases,
    keys: { count: 1_000, hotRatio: 0, ...input.keys },
    importance: input.importance && importance,
    endpoints,
    events,
    policies,
  };
  return { scenario, findings };
}

function phasesOf({ arrivals, duration }: ScenarioInput, { findings }: Resolving): readonly Phase[] {
  if ("ratePerSecond" in arrivals) return [phaseOf(0, arrivals)];
  const phases = arrivals.map((phase) => phaseOf(durationMs(phase.at), phase));
  phases.forEach(({ atMs }, i) => {
    const path = ["arrivals", i, "at"];
    const before = phases[i - 1];
    if (before !== undefined && atMs <= before.atMs) {
      findings.push({
        severity: "error",
        path,
        message: `${atMs} ms is not after the phase before, ${before.atMs} ms`,
      });
    }
    if (atMs >= durationMs(duration)) {
      findings.push({
        severity: "error",
        path,
        message: `${atMs} ms is not before the end, ${durationMs(duration)} ms`,
      });
    }
  });
  // Before the first phase nobody calls.
  return phases[0]!.atMs === 0 ? phases : [{ atMs: 0, ratePerSecond: 0, process: "uniform" }, ...phases];
}

function phaseOf(atMs: number, { ratePerSecond, process = "poisson" }: ArrivalsInput): Phase {
  return { atMs, ratePerSecond, process };
}

async function endpointsOf(inputs: readonly EndpointsInput[], resolving: Resolving): Promise<readonly EndpointPlan[]> {
  const plans: EndpointPlan[] = [];
  for (const [i, { count = 1, workers, unlimited, latency, weight = 1, zone, priority = 0 }] of inputs.entries()) {
    const path = ["endpoints", i];
    if (typeof workers === "number" && unlimited === true) {
      const message = "contradicts `workers`; leave out one of the two";
      resolving.findings.push({ severity: "error", path: [...path, "unlimited"], key: true, message });
    }
    if (workers === undefined && unlimited === false) {
      const message = "false without `workers` says nothing; give their number";
      resolving.findings.push({ severity: "error", path: [...path, "unlimited"], message });
    }
    const plan = {
      workers: typeof workers === "number" ? workers : Number.POSITIVE_INFINITY,
      latency: await resolveLatency(latency, [...path, "latency"], resolving),
      weight,
      zone,
      priority,
    };
    for (let n = 0; n < count && plans.length <= MOST_ENDPOINTS; n++) plans.push(plan);
  }
  if (plans.length > MOST_ENDPOINTS) {
    const message = `are more than ${MOST_ENDPOINTS} in all, by their counts`;
    resolving.findings.push({ severity: "error", path: ["endpoints"], message });
  }
  return plans;
}

function policiesOf({ policy, compare = [] }: ScenarioInput, resolving: Resolving): readonly NamedPolicy[] {
  const resolved = (written: ServicePolicyInput | undefined, path: Finding["path"]): ServicePolicy =>
    resolvePolicy(written ?? {}, path, resolving);
  const policies: NamedPolicy[] = [{ name: OWN, policy: resolved(policy, ["policy"]), rule: undefined }];
  compare.forEach(({ name, policy: other, rule, ...beside }, i) => {
    if (policies.some((known) => known.name === name)) {
      const message = `${JSON.stringify(name)} is the name of another policy here`;
      resolving.findings.push({ severity: "error", path: ["compare", i, "name"], message });
    }
    const path = ["compare", i];
    const [stray] = Object.keys(beside);
    if (other !== undefined && stray !== undefined) {
      const message = "stands beside `policy`; move it in there, or what is in there out";
      resolving.findings.push({ severity: "error", path: [...path, stray], key: true, message });
    }
    policies.push({
      name,
      policy: other === undefined ? resolved(beside, path) : resolved(other, [...path, "policy"]),
      rule,
    });
  });
  return policies;
}
