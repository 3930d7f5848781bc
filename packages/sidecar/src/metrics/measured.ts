import type { MeasuredMetric, MeasuredPoint } from "@weft/telemetry";
import { ALL_FAMILIES } from "./all-families.ts";
import type { Label, Samples } from "./family.ts";
import { type MetricsState, shownState } from "./shown.ts";

/**
 * All numbers in OpenTelemetry's terms, for `pushMetrics`: the same as in the Prometheus text, each under one name.
 *
 * Costs what a scrape costs, and nothing in between.
 */
export function measuredMetrics(state: MetricsState): readonly MeasuredMetric[] {
  const shown = shownState(state);
  return ALL_FAMILIES.flatMap((family) => {
    const { otel: name, type: kind, unit, help: description, labels } = family;
    if (name === undefined) return [];
    const points: MeasuredPoint[] = [];
    family.write(shown, gathering(labels, points));
    // A histogram's latencies are told in seconds, whatever Envoy's text has them in.
    return [{ name, kind, unit: kind === "histogram" ? "s" : unit, description, points }];
  });
}

function gathering(labels: readonly Label[], points: MeasuredPoint[]): Samples {
  const point = (values: readonly string[], value: MeasuredPoint["value"]): void => {
    const attributes = Object.fromEntries(labels.map(({ attribute }, at) => [attribute, values[at] ?? ""]));
    points.push({ attributes, value });
  };
  return { sample: point, histogram: point };
}
