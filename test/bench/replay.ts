import { join } from "node:path";

import { loadScenario, type PolicyResult, type Scenario, simulate } from "@weft/simulator";
import { isMain, percent, table } from "./report.ts";

const SEEDS = [7, 8, 9];
const FOLDER = join(import.meta.dirname, "..", "..", "examples", "scenarios");

/**
 * Success and tail of each balancer while one endpoint is slow, and while some fail, on average of some seeds. Same
 * numbers on every machine.
 */
async function replayReport(): Promise<string> {
  return `${await replayed()}\n\n${await failing()}`;
}

async function replayed(): Promise<string> {
  const loads = [
    { title: "1 client", file: "headline" },
    { title: "10 clients", file: "reference/headline-ten-clients" },
    { title: "3 endpoints, 300/s", file: "reference/headline-three-endpoints" },
  ];
  const columns = await Promise.all(loads.map(({ file }) => meansOf(file, ({ successShare }) => successShare ?? 1)));
  const tails = await meansOf("headline", ({ latencyMs }) => latencyMs.p999 ?? 0);
  const rows = [...columns[0]!.keys()].map((policy) => [
    policy,
    ...columns.map((column) => percent(column.get(policy)!, 3)),
    tails.get(policy)!.toFixed(0),
  ]);
  const head = ["policy", ...loads.map(({ title }) => title), "p99.9 ms, 1 client"];
  return (
    "Measured latencies played back to 11 endpoints, 1,000 calls a second, for 60 s, one endpoint at 2 s from second 15\n" +
    `to 45: calls answered within 1 s, mean of the seeds ${SEEDS.join(", ")}.\n\n${table(head, rows)}`
  );
}

async function failing(): Promise<string> {
  const stories = [
    { title: "1 of 5 fails fast", file: "one-of-five-fails-fast" },
    { title: "+ 1 % noise", file: "fails-fast-noise-1" },
    { title: "+ 5 % noise", file: "fails-fast-noise-5" },
    { title: "20 % vs 1 %", file: "fails-20-percent" },
    { title: "1 of 10 + 1 %", file: "one-of-ten-fails-fast" },
    { title: "2 of 3 fail fast", file: "two-of-three-fail-fast" },
  ];
  const columns: ReadonlyMap<string, number>[] = [];
  for (const { file } of stories) {
    columns.push(await meansOf(`reference/${file}`, ({ successShare }) => 1 - (successShare ?? 1)));
  }
  const slow = await meansOf("reference/one-of-five-slow", ({ latencyMs }) => latencyMs.p99 ?? 0);
  const rows = [...slow.keys()].map((policy) => [
    policy,
    ...columns.map((column) => (column.has(policy) ? percent(column.get(policy)!, 2) : "-")), // not every scenario has it
    slow.get(policy)!.toFixed(0),
  ]);
  const head = ["policy", ...stories.map(({ title }) => title), "1 of 5 is 5x slow: p99 ms"];
  return (
    "Ten clients, answers of 20 ms on average by eight workers each, no retries, no ejection: calls that fail.\n\n" +
    table(head, rows)
  );
}

/** By policy of the scenario, its own first. */
async function meansOf(file: string, measure: (result: PolicyResult) => number): Promise<ReadonlyMap<string, number>> {
  const { scenario } = await loadScenario(join(FOLDER, `${file}.yaml`));
  const sums = new Map<string, number>();
  for (const seed of SEEDS) {
    for (const result of await resultsOf({ ...scenario, seed })) {
      sums.set(result.name, (sums.get(result.name) ?? 0) + measure(result) / SEEDS.length);
    }
  }
  return sums;
}

const known = new Map<string, readonly PolicyResult[]>();

/** A scenario may be asked for more than one column. */
async function resultsOf(scenario: Scenario): Promise<readonly PolicyResult[]> {
  const key = `${scenario.name} ${scenario.seed}`;
  const results = known.get(key) ?? (await simulate(scenario)).policies;
  known.set(key, results);
  return results;
}

if (isMain(import.meta.url)) console.log(await replayReport());
