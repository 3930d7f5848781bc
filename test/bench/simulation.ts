import { setFlagsFromString } from "node:v8";
import { parseScenario, simulate } from "@weft/simulator";
import { isMain, table } from "./report.ts";

/** Nothing goes wrong: what a simulated call costs with the default policy. */
const SCENARIO = `seed: 1
duration: 250s
clients: 10
arrivals: { ratePerSecond: 6000, process: poisson }
endpoints: [{ count: 20, workers: 8, latency: { exponential: { mean: 20ms } } }]
`;
const ROUNDS = 3;

/**
 * How many calls are simulated in a second, in one thread: of wall time, and of processor time, which says more on a
 * machine that has other work to do. The best of some rounds: other work can only take away.
 */
async function simulationReport(): Promise<string> {
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=2500"); // as `weft simulate` does
  const { scenario } = await parseScenario(SCENARIO, "simulation.yaml");
  let calls = 0;
  let wallMs = Number.POSITIVE_INFINITY;
  let cpuMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const before = process.cpuUsage();
    const { policies } = await simulate(scenario);
    const { user, system } = process.cpuUsage(before);
    wallMs = Math.min(wallMs, performance.now() - began);
    cpuMs = Math.min(cpuMs, (user + system) / 1_000);
    calls = policies[0]!.calls;
  }
  const perSecond = (ms: number): string => Math.round(calls / (ms / 1_000)).toLocaleString("en");
  const rows = [[calls.toLocaleString("en"), perSecond(wallMs), perSecond(cpuMs)]];
  return (
    `Ten clients, twenty endpoints, the default policy: calls simulated, the best of ${ROUNDS} rounds.\n\n` +
    table(["calls", "a second", "a second of processor time"], rows)
  );
}

if (isMain(import.meta.url)) console.log(await simulationReport());
