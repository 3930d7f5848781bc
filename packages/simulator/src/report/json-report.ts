import type { PolicyResult } from "../measure/policy-result.ts";
import type { ScenarioResult } from "../run/simulate.ts";

/**
 * The results of some scenarios as one JSON object, ending in a line break: `{ policies: [...] }`, each with the name of its scenario.
 *
 * Latencies have three significant digits, shares five decimals: what is beyond is chance. Absent numbers are null.
 */
export function jsonReport(results: readonly ScenarioResult[]): string {
  const policies = results.flatMap(({ scenario, policies: own }) => {
    return own.map((policy) => ({ scenario: scenario.name, seed: scenario.seed, ...described(policy) }));
  });
  return `${JSON.stringify({ policies })}\n`;
}

function described(result: PolicyResult) {
  const { name, calls, successShare, latencyMs, failures, attemptsPerCall, endpoints, reactions, events } = result;
  const byImportance = result.byImportance.map((one) => ({ ...one, successShare: shareOrNone(one.successShare) }));
  return {
    name,
    calls,
    successShare: shareOrNone(successShare),
    latencyMs: {
      p50: ms(latencyMs.p50),
      p90: ms(latencyMs.p90),
      p99: ms(latencyMs.p99),
      p999: ms(latencyMs.p999),
    },
    failures,
    attemptsPerCall: share(attemptsPerCall),
    ...(byImportance.length > 0 && { byImportance }),
    endpoints: endpoints.map((endpoint) => ({ ...endpoint, share: share(endpoint.share) })),
    reactions: reactions.map(({ atMs, endpoints: whom, detectMs, recoverMs }) => {
      return { atMs, endpoints: whom, detectMs: ms(detectMs), recoverMs: ms(recoverMs) };
    }),
    events,
  };
}

function ms(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(3));
}

function shareOrNone(value: number | undefined): number | null {
  return value === undefined ? null : share(value);
}

function share(value: number): number {
  return Number(value.toFixed(5));
}
