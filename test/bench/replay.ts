import { isMain, percent, table } from "./report.ts";
import { leastRequest, peakEwma, type Picker, random, roundRobin } from "@weft/core";
import { measuredLatencies, replay, troubled, type Trouble } from "./scenarios.ts";
import { percentile, type Run, type Scenario, simulate, withinRatio } from "./simulation.ts";

const SEEDS = [7, 8, 9];
const PICKERS: readonly (() => Picker)[] = [peakEwma, leastRequest, roundRobin, random];

/** Success and tail of each policy while one endpoint is slow, and while some fail. Same numbers on every machine. */
export function replayReport(): string {
  return `${replayed()}\n\n${failing()}`;
}

function replayed(): string {
  const latencies = measuredLatencies();
  const loads: [string, Scenario][] = [
    ["1 client", replay(1, 11, 1_000, latencies)],
    ["10 clients", replay(10, 11, 1_000, latencies)],
    ["3 endpoints, 300/s", replay(1, 3, 300, latencies)],
  ];
  const rows = PICKERS.map((picker) => [
    picker().kind,
    ...loads.map(([, scenario]) =>
      percent(
        mean(scenario, picker, (run) => withinRatio(run, 1_000)),
        3,
      ),
    ),
    mean(loads[0]![1], picker, (run) => percentile(run, 0.999)).toFixed(0),
  ]);
  const head = ["policy", ...loads.map(([name]) => name), "p99.9 ms, 1 client"];
  return (
    "Measured latencies played back to 11 endpoints, 1,000 calls a second, for 60 s, one endpoint at 2 s from second 15\n" +
    `to 45: calls answered within 1 s, mean of the seeds ${SEEDS.join(", ")}.\n\n${table(head, rows)}`
  );
}

function failing(): string {
  const dead: Trouble = { failsFast: 1 };
  const stories: [string, Scenario][] = [
    ["1 of 5 fails fast", troubled(5, [dead])],
    ["+ 1 % noise", troubled(5, [dead], 0.01)],
    ["+ 5 % noise", troubled(5, [dead], 0.05)],
    ["20 % vs 1 %", troubled(5, [{ failsFast: 0.2 }], 0.01)],
    ["1 of 10 + 1 %", troubled(10, [dead], 0.01)],
    ["2 of 3 fail fast", troubled(3, [dead, dead])],
    ["the same, ejecting", troubled(3, [dead, dead], 0, true)],
  ];
  const slow = troubled(5, [{ slower: 5 }]);
  const rows = PICKERS.map((picker) => [
    picker().kind,
    ...stories.map(([, scenario]) =>
      percent(
        mean(scenario, picker, ({ failed, calls }) => failed / calls),
        2,
      ),
    ),
    mean(slow, picker, (run) => percentile(run, 0.99)).toFixed(0),
  ]);
  const head = ["policy", ...stories.map(([name]) => name), "1 of 5 is 5x slow: p99 ms"];
  return (
    "Ten clients, 1,200 calls a second, answers of 20 ms on average, no retries, ejection off but where it says so:\n" +
    `calls that fail.\n\n${table(head, rows)}`
  );
}

function mean(scenario: Scenario, picker: () => Picker, measure: (run: Run) => number): number {
  const values = SEEDS.map((seed) => measure(simulate(scenario, picker, seed)));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

if (isMain(import.meta.url)) console.log(replayReport());
