import type { JudgedMetric } from "./judge-metric.ts";
import { inside, numberOf, textOf } from "../telemetry/read-otlp.ts";

/** A metric as a collector reads it. */
export interface ReadMetric extends JudgedMetric {
  readonly points: number;
}

// Fields of Metric that hold its data. Source: opentelemetry-proto, metrics/v1/metrics.proto.
const DATA = [
  [5, "gauge"],
  [7, "sum"],
  [9, "histogram"],
] as const;

/** Point attributes, by the kind of data. */
const ATTRIBUTES = { gauge: 7, sum: 7, histogram: 9 } as const;

/**
 * Reads the metrics of an ExportMetricsServiceRequest.
 *
 * @throws RangeError when it is not one
 */
export function readMetrics(message: Buffer): ReadMetric[] {
  return inside(message, 1)
    .flatMap((resourceMetrics) => inside(resourceMetrics, 2))
    .flatMap((scopeMetrics) => inside(scopeMetrics, 2))
    .map(readMetric);
}

function readMetric(metric: Buffer): ReadMetric {
  const name = textOf(metric, 1);
  for (const [field, kind] of DATA) {
    const [data] = inside(metric, field);
    if (data === undefined) continue;
    const points = inside(data, 1);
    const attributes = points.flatMap((point) => inside(point, ATTRIBUTES[kind]).map((pair) => textOf(pair, 1)));
    return {
      name,
      kind: kind === "sum" ? (numberOf(data, 3) === 1 ? "counter" : "upDown") : kind,
      unit: textOf(metric, 3),
      attributes: [...new Set(attributes)],
      points: points.length,
    };
  }
  throw new RangeError(`${name} has no data`);
}
