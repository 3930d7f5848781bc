import { table } from "../report.ts";
import type { Measured } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { ratioOf, type Rounds, type Spread, spreadOf, type Verdict } from "./summary.ts";

const MEASURE = "haproxy";

/** What the reader has to know before the figures. */
export const PREFACE = `Everything is on loopback of one machine: clients, endpoints and proxies share its processors. So requests a second say
little; CPU time of the proxy's process (all threads and children) per request is the measure. Each proxy has one worker.
A multiple is taken round by round against HAProxy's in the same round.`;

/** The table of one scenario, who is missing, and how the aims stand. */
export function scenarioText(scenario: Scenario, { rounds, missing }: Measured, verdicts: readonly Verdict[]): string {
  const { columns, compared, name, title } = scenario;
  const measure = rounds.get(MEASURE);
  const head = [
    "",
    ...columns.map((column) => column.title),
    ...(measure === undefined ? [] : [`${titleOf(scenario, compared)} / ${MEASURE}`]),
  ];
  const rows = [...rounds].map(([peer, list]) => [
    peer,
    ...columns.map(({ figure, digits }) => number(spreadOf(list, figure).median, digits)),
    ...(measure === undefined ? [] : [withSpread(ratioOf(list, measure, compared))]),
  ]);
  const parts = [
    `### ${name}: ${title}`,
    "",
    `Median of ${countOf(rounds)} rounds; in brackets, where half of them lie.`,
    "",
  ];
  parts.push(rows.length === 0 ? "Nobody was measured." : table(head, rows), "");
  for (const [peer, reason] of missing) parts.push(`- left out: ${peer}: ${reason}`);
  for (const [peer, list] of rounds) {
    const failed = list.filter((round) => round === undefined).length;
    if (failed > 0) parts.push(`- ${peer}: ${failed} of ${list.length} rounds failed and are not counted`);
  }
  for (const verdict of verdicts) parts.push(`- aim: ${aimText(scenario, verdict)}`);
  return parts.join("\n");
}

function aimText(scenario: Scenario, { peer, aim, value, verdict }: Verdict): string {
  const { figure, kind, timesOf, beyond } = aim;
  const of = timesOf !== undefined ? ` x ${timesOf}'s` : beyond !== undefined ? ` beyond ${beyond}'s` : "";
  const what = `${peer}: ${titleOf(scenario, figure)} ${kind} ${aim.value}${of}`;
  return Number.isNaN(value) ? `${what}: ${verdict}` : `${what}: ${value.toFixed(2)}, ${verdict}`;
}

function titleOf({ columns }: Scenario, figure: string): string {
  return columns.find((column) => column.figure === figure)?.title ?? figure;
}

function withSpread({ median, low, high }: Spread): string {
  return Number.isNaN(median) ? "-" : `${median.toFixed(2)} (${low.toFixed(2)} - ${high.toFixed(2)})`;
}

function number(value: number, digits: number): string {
  return Number.isNaN(value) ? "-" : value.toFixed(digits);
}

function countOf(rounds: ReadonlyMap<string, Rounds>): number {
  return Math.max(0, ...[...rounds.values()].map((list) => list.length));
}
