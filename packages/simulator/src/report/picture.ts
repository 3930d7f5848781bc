import type { ScenarioResult } from "../run/simulate.ts";
import { escaped } from "./escaped.ts";
import { lineChart } from "./line-chart.ts";
import { CHART_STYLE } from "./page-style.ts";
import { failureChart, latencyChart, shareChart } from "./result-charts.ts";

/** What a picture shows: p99 or failures of each policy, or whom the named policy sent its attempts to. */
export type PictureOf = "latency" | "failures" | { readonly sharesOf: string };

const WIDTH = 640;
const HEIGHT = 244;
/** Of a letter in the legend, about. */
const LETTER = 6;

/**
 * One chart of a result as an SVG file, with its legend, for pages that show pictures.
 *
 * @throws RangeError when the result has no policy of that name
 */
export function picture(result: ScenarioResult, of: PictureOf): string {
  const chart = chartOf(result, of);
  let x = 56;
  const legend = chart.lines.map(({ name }, i) => {
    const item = `<path class="line s${i % 8}" d="M${x} 232h14"/><text x="${x + 19}" y="236">${escaped(name)}</text>`;
    x += 19 + name.length * LETTER + 16;
    return item;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">
<style>${CHART_STYLE}</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="var(--ground)"/>
${lineChart(chart)}
${legend.join("\n")}
</svg>
`;
}

function chartOf(result: ScenarioResult, of: PictureOf): Parameters<typeof lineChart>[0] {
  if (of === "latency") return latencyChart(result);
  if (of === "failures") return failureChart(result);
  const policy = result.policies.find(({ name }) => name === of.sharesOf);
  if (policy === undefined) throw new RangeError(`no policy is called ${JSON.stringify(of.sharesOf)}`);
  return shareChart(result, policy);
}
