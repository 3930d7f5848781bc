import type { PolicyResult } from "../measure/policy-result.ts";
import type { ScenarioResult } from "../run/simulate.ts";
import type { ScenarioEvent } from "../scenario/scenario.ts";
import { escaped } from "./escaped.ts";
import { lineChart } from "./line-chart.ts";
import { msText, percentText } from "./number-text.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** One page with everything in it: tables, and charts over time. It asks for nothing else and runs no script. */
export function htmlReport(results: readonly ScenarioResult[]): string {
  const title = results.map(({ scenario }) => scenario.name).join(", ");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}: simulated</title>
<style>${PAGE_STYLE}</style>
${results.map(section).join("\n")}
</html>
`;
}

function section({ scenario, policies }: ScenarioResult): string {
  const { name, seed, durationMs, clients, endpoints, events } = scenario;
  const facts = `${durationMs / 1_000} s, clients: ${clients}, endpoints: ${endpoints.length}, seed ${seed}`;
  const shades = shadesOf(events, durationMs);
  const { pieceMs } = policies[0]!.chart; // a scenario has one policy at least
  const common = { pieceMs, shades };
  const latency = lineChart({
    ...common,
    title: "p99 latency by time of arrival",
    lines: policies.map((policy) => ({ name: policy.name, values: policy.chart.p99 })),
    scale: "log",
    label: (ms) => (ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`),
    atLeast: 10,
  });
  const failed = lineChart({
    ...common,
    title: "Calls that failed",
    lines: policies.map((policy) => ({ name: policy.name, values: policy.chart.failed })),
    scale: "linear",
    label: (value) => percentText(value, 1),
    atLeast: 0.01,
  });
  return `<section>
<h1>${escaped(name)}</h1>
<p>${facts}. Shaded: something is wrong.</p>
${outcomes(policies)}
${legend(policies.map((policy) => policy.name))}
<div class="charts">
<figure>${latency}</figure>
<figure>${failed}</figure>
</div>
${policies.map((policy) => byEndpoint(policy, common)).join("\n")}
</section>`;
}

function byEndpoint(
  { name, chart, endpoints }: PolicyResult,
  common: Pick<Parameters<typeof lineChart>[0], "pieceMs" | "shades">,
): string {
  const named = (values: readonly (readonly number[])[]) => {
    return values.map((own, index) => ({ name: `#${index} ${endpoints[index]?.id ?? ""}`, values: own }));
  };
  const ejections = endpoints.reduce((sum, { ejections: own }) => sum + own, 0);
  const share = lineChart({
    ...common,
    title: "Share of the attempts by endpoint",
    lines: named(chart.shares),
    scale: "linear",
    label: (value) => percentText(value, 0),
    atLeast: 0.1,
  });
  const ejected = lineChart({
    ...common,
    title: "Share of the clients that have it ejected",
    lines: named(chart.ejected),
    scale: "linear",
    label: (value) => percentText(value, 0),
    atLeast: 1,
  });
  return `<h2>${escaped(name)}</h2>
${legend(endpoints.map(({ index }) => `#${index}`))}
<div class="charts">
<figure>${share}</figure>
<figure>${ejections === 0 ? "<p>Nothing was ejected.</p>" : ejected}</figure>
</div>`;
}

function outcomes(policies: readonly PolicyResult[]): string {
  const head = [
    "policy",
    "success",
    "p50 ms",
    "p90 ms",
    "p99 ms",
    "p99.9 ms",
    "attempts per call",
    "ejections",
    "failures",
  ];
  const rows = policies.map(({ name, successShare, latencyMs, attemptsPerCall, endpoints, failures }) => [
    name,
    percentText(successShare),
    ...[latencyMs.p50, latencyMs.p90, latencyMs.p99, latencyMs.p999].map(msText),
    attemptsPerCall.toFixed(3),
    String(endpoints.reduce((sum, { ejections }) => sum + ejections, 0)),
    Object.entries(failures)
      .map(([kind, times]) => `${times} ${kind}`)
      .join(", "),
  ]);
  const line = (cells: readonly string[], tag: "td" | "th"): string => {
    return `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  };
  return `<table>\n${[line(head, "th"), ...rows.map((row) => line(row, "td"))].join("\n")}\n</table>`;
}

function legend(names: readonly string[]): string {
  const items = names.map((name, i) => `<li><i class="key s${i % 8}"></i>${escaped(name)}</li>`);
  return `<ul class="legend">${items.join("")}</ul>`;
}

function shadesOf(events: readonly ScenarioEvent[], durationMs: number): { fromMs: number; toMs: number }[] {
  return events
    .filter(({ atMs, untilMs }) => atMs > 0 || untilMs < durationMs) // what lasts throughout needs no shade
    .map(({ atMs, untilMs }) => ({ fromMs: atMs, toMs: Math.min(untilMs, durationMs) }));
}
