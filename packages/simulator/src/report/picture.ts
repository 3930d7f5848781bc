import type { PolicyResult } from "../measure/policy-result.ts";
import type { ScenarioResult } from "../run/simulate.ts";
import { escaped } from "./escaped.ts";
import { type LineChart, lineChart } from "./line-chart.ts";
import { CHART_STYLE } from "./page-style.ts";
import { attemptChart, awayChart, ejectionChart, failureChart, latencyChart, shareChart } from "./result-charts.ts";

/**
 * What a picture shows. Of each policy: its p99, the calls that failed, the attempts a second, or the calls that are
 * not where their key was first. Of the named one: whom it sent its attempts to, or whom its clients had ejected.
 */
export type PictureOf =
  | "latency"
  | "failures"
  | "attempts"
  | "away"
  | { readonly sharesOf: string }
  | { readonly ejectionsOf: string };

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
  const chart = smoothed(chartOf(result, of));
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

function chartOf(result: ScenarioResult, of: PictureOf): LineChart {
  switch (of) {
    case "latency":
      return latencyChart(result);
    case "failures":
      return failureChart(result);
    case "attempts":
      return attemptChart(result);
    case "away":
      return awayChart(result);
    default:
      return "sharesOf" in of
        ? shareChart(result, policyOf(result, of.sharesOf))
        : ejectionChart(result, policyOf(result, of.ejectionsOf));
  }
}

function policyOf({ policies }: ScenarioResult, wanted: string): PolicyResult {
  const policy = policies.find(({ name }) => name === wanted);
  if (policy === undefined) throw new RangeError(`no policy is called ${JSON.stringify(wanted)}`);
  return policy;
}

/** Pieces of a chart that become one: a picture is looked at from further away than a report. */
const PIECES = 4;

function smoothed(chart: LineChart): LineChart {
  const lines = chart.lines.map(({ name, values }) => {
    const means = Array.from({ length: Math.floor(values.length / PIECES) }, (_, i) => {
      const known = values.slice(i * PIECES, (i + 1) * PIECES).filter((value) => value !== undefined);
      return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
    });
    return { name, values: means };
  });
  return { ...chart, lines, pieceMs: chart.pieceMs * PIECES };
}
