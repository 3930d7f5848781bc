import type { PolicyResult } from "../measure/policy-result.ts";
import type { ScenarioResult } from "../run/simulate.ts";
import type { LineChart } from "./line-chart.ts";
import { percentText } from "./number-text.ts";

/** p99 over time, by policy. */
export function latencyChart(result: ScenarioResult): LineChart {
  return {
    ...common(result),
    title: "p99 latency by time of arrival",
    lines: result.policies.map(({ name, chart }) => ({ name, values: chart.p99 })),
    scale: "log",
    label: (ms) => (ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`),
    atLeast: 10,
  };
}

/** Share of the calls that failed over time, by policy. */
export function failureChart(result: ScenarioResult): LineChart {
  return {
    ...common(result),
    title: "Calls that failed",
    lines: result.policies.map(({ name, chart }) => ({ name, values: chart.failed })),
    scale: "linear",
    label: (share) => percentText(share, 1),
    atLeast: 0.01,
  };
}

/** Whom one policy sent its attempts to over time. */
export function shareChart(result: ScenarioResult, policy: PolicyResult): LineChart {
  return {
    ...common(result),
    title: "Share of the attempts by endpoint",
    lines: byEndpoint(policy.chart.shares),
    scale: "linear",
    label: (share) => percentText(share, 0),
    atLeast: 0.1,
  };
}

/** How many attempts began, by policy: what the endpoints are given to do. */
export function attemptChart(result: ScenarioResult): LineChart {
  return {
    ...common(result),
    title: "Attempts a second",
    lines: result.policies.map(({ name, chart }) => ({ name, values: chart.attempts })),
    scale: "linear",
    label: (perSecond) => perSecond.toFixed(0),
    atLeast: 1,
  };
}

/** How many calls went elsewhere than the first of their key, by policy that hashes. */
export function awayChart(result: ScenarioResult): LineChart {
  return {
    ...common(result),
    title: "Calls that are not where their key was first",
    lines: result.policies.flatMap(({ name, chart }) => (chart.away === undefined ? [] : { name, values: chart.away })),
    scale: "linear",
    label: (share) => percentText(share, 0),
    atLeast: 0.1,
  };
}

/** Whom how many of its clients had ejected. */
export function ejectionChart(result: ScenarioResult, policy: PolicyResult): LineChart {
  return {
    ...common(result),
    title: "Share of the clients that have it ejected",
    lines: byEndpoint(policy.chart.ejected),
    scale: "linear",
    label: (share) => percentText(share, 0),
    atLeast: 1,
  };
}

/** Endpoints that a chart tells apart: of more, the first. */
export const CHARTED = 24;

function byEndpoint(values: readonly (readonly number[])[]): LineChart["lines"] {
  return values.slice(0, CHARTED).map((own, index) => ({ name: `#${index}`, values: own }));
}

function common({ scenario, policies }: ScenarioResult): Pick<LineChart, "pieceMs" | "shades"> {
  const { events, durationMs } = scenario;
  const shades = events
    .filter(({ atMs, untilMs }) => atMs > 0 || untilMs < durationMs) // what lasts throughout needs no shade
    .map(({ atMs, untilMs }) => ({ fromMs: atMs, toMs: Math.min(untilMs, durationMs) }));
  return { pieceMs: policies[0]!.chart.pieceMs, shades }; // a scenario has one policy at least
}
