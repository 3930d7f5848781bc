import type { PolicyResult } from "../measure/policy-result.ts";
import type { ScenarioResult } from "../run/simulate.ts";
import { escaped } from "./escaped.ts";
import { lineChart } from "./line-chart.ts";
import { msText, percentText } from "./number-text.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { CHARTED, ejectionChart, failureChart, latencyChart, shareChart } from "./result-charts.ts";

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

function section(result: ScenarioResult): string {
  const { scenario, policies } = result;
  const { name, seed, durationMs, clients, endpoints } = scenario;
  const facts = `${durationMs / 1_000} s, clients: ${clients}, endpoints: ${endpoints.length}, seed ${seed}`;
  return `<section>
<h1>${escaped(name)}</h1>
<p>${facts}. Shaded: something is wrong.</p>
${outcomes(policies)}
${legend(policies.map((policy) => policy.name))}
<div class="charts">
<figure>${lineChart(latencyChart(result))}</figure>
<figure>${lineChart(failureChart(result))}</figure>
</div>
${policies.map((policy) => byEndpoint(result, policy)).join("\n")}
</section>`;
}

function byEndpoint(result: ScenarioResult, policy: PolicyResult): string {
  const ejected = policy.endpoints.some(({ ejections }) => ejections > 0);
  return `<h2>${escaped(policy.name)}</h2>
${legend(policy.endpoints.slice(0, CHARTED).map(({ index }) => `#${index}`))}
<div class="charts">
<figure>${lineChart(shareChart(result, policy))}</figure>
<figure>${ejected ? lineChart(ejectionChart(result, policy)) : "<p>Nothing was ejected.</p>"}</figure>
</div>`;
}

const HEAD = ["policy", "success", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "attempts", "ejections", "failures"];

function outcomes(policies: readonly PolicyResult[]): string {
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
  return `<table>\n${[line(HEAD, "th"), ...rows.map((row) => line(row, "td"))].join("\n")}\n</table>`;
}

function legend(names: readonly string[]): string {
  const items = names.map((name, i) => `<li><i class="key s${i % 8}"></i>${escaped(name)}</li>`);
  return `<ul class="legend">${items.join("")}</ul>`;
}
