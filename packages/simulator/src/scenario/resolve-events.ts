import { durationMs } from "@weft/config";
import type { Finding } from "@weft/config/forms";
import { resolveLatency } from "./resolve-latency.ts";
import type { Resolving } from "./resolve-scenario.ts";
import type { FailPlan, ScenarioEvent } from "./scenario.ts";
import type { EventInput, FailInput } from "./scenario-input.ts";

/** The effects an event can have. */
const EFFECTS = ["latency", "factor", "fail", "hang", "refuse", "remove", "add", "registryStale"] as const;

/** @param endpoints how many there are; @param lastMs when the scenario ends */
export async function resolveEvents(
  inputs: readonly EventInput[],
  endpoints: number,
  lastMs: number,
  resolving: Resolving,
): Promise<readonly ScenarioEvent[]> {
  const events: ScenarioEvent[] = [];
  for (const [i, input] of inputs.entries()) {
    const path = ["events", i];
    resolving.findings.push(...contradictions(input, path, endpoints, lastMs));
    const { at, until, endpoint, latency, factor = 1, fail } = input;
    const named = typeof endpoint === "number" ? [endpoint] : endpoint;
    events.push({
      atMs: durationMs(at),
      untilMs: until === undefined ? Number.POSITIVE_INFINITY : durationMs(until),
      endpoints: named ?? Array.from({ length: endpoints }, (_, index) => index),
      latency: latency && (await resolveLatency(latency, [...path, "latency"], resolving)),
      factor,
      fail: fail && failPlan(fail),
      hang: input.hang === true,
      refuse: input.refuse === true,
      remove: input.remove === true,
      add: input.add === true,
      registryStale: input.registryStale === true,
    });
  }
  return events;
}

function failPlan({ ratio = 1, status = 503, reset, after }: FailInput): FailPlan {
  return { ratio, status: reset === true ? 0 : status, afterMs: after === undefined ? undefined : durationMs(after) };
}

function contradictions(input: EventInput, path: Finding["path"], endpoints: number, lastMs: number): Finding[] {
  const { at, until, endpoint, fail, add, remove } = input;
  const findings: Finding[] = [];
  const wrong = (steps: Finding["path"], message: string): void => {
    findings.push({ severity: "error", path: [...path, ...steps], message });
  };
  if (durationMs(at) >= lastMs) wrong(["at"], `${at} is not before the end, ${lastMs} ms`);
  if (until !== undefined && durationMs(until) <= durationMs(at)) wrong(["until"], `${until} is not after at, ${at}`);
  const named = typeof endpoint === "number" ? [endpoint] : (endpoint ?? []);
  named.forEach((index, n) => {
    const steps = typeof endpoint === "number" ? ["endpoint"] : ["endpoint", n];
    if (index >= endpoints) wrong(steps, `${index} is not in 0..${endpoints - 1}, the indices of the endpoints`);
  });
  if (!EFFECTS.some((effect) => input[effect] !== undefined && input[effect] !== false)) {
    wrong([], `says when, but not what; allowed are ${EFFECTS.join(", ")}`);
  }
  if (add === true && remove === true) wrong(["remove"], "contradicts `add`; make two events of it");
  if (fail?.reset === true && fail.status !== undefined)
    wrong(["fail", "reset"], "contradicts `status`; leave out one");
  return findings;
}
