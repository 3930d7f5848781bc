import type { HrTime, ValueType } from "@opentelemetry/api";
import type {
  AggregationTemporality,
  DataPoint,
  DataPointType,
  Histogram,
  MetricData,
} from "@opentelemetry/sdk-metrics";
import type { LatencyCounts } from "@weft/core";
import type { MeasuredMetric, MeasuredPoint } from "./measured-metric.ts";

// Enums of a package that is not loaded unless numbers are sent: as numbers, which are in the wire format's own order.
// Each cast is true because a test holds the value against the package's own.
const CUMULATIVE = 1 as AggregationTemporality;
const HISTOGRAM = 0 as DataPointType.HISTOGRAM;
const GAUGE = 2 as DataPointType.GAUGE;
const SUM = 3 as DataPointType.SUM;
const DOUBLE = 1 as ValueType;

/** When what was measured began, and when it was read. */
export interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/** A metric in the form that the exporters of OpenTelemetry take. */
export function metricData({ name, kind, unit, description, points }: MeasuredMetric, times: Times): MetricData {
  const head = {
    descriptor: { name, unit, description, valueType: DOUBLE },
    aggregationTemporality: CUMULATIVE,
  };
  switch (kind) {
    case "histogram":
      return { ...head, dataPointType: HISTOGRAM, dataPoints: points.map((point) => histogramPoint(point, times)) };
    case "gauge":
      return { ...head, dataPointType: GAUGE, dataPoints: points.map((point) => numberPoint(point, times)) };
    case "counter":
    case "upDown":
      return {
        ...head,
        dataPointType: SUM,
        isMonotonic: kind === "counter",
        dataPoints: points.map((point) => numberPoint(point, times)),
      };
    default:
      return kind satisfies never;
  }
}

function numberPoint({ attributes, value }: MeasuredPoint, times: Times): DataPoint<number> {
  return { ...times, attributes, value: typeof value === "number" ? value : Number.NaN };
}

function histogramPoint({ attributes, value }: MeasuredPoint, times: Times): DataPoint<Histogram> {
  return { ...times, attributes, value: typeof value === "number" ? NOTHING : seconds(value) };
}

const NOTHING: Histogram = { buckets: { boundaries: [], counts: [0] }, count: 0 };

function seconds({ boundsMs, counts, sumMs }: LatencyCounts): Histogram {
  return {
    buckets: { boundaries: boundsMs.map((bound) => bound / 1_000), counts: [...counts] },
    sum: sumMs / 1_000,
    count: counts.reduce((sum, count) => sum + count, 0),
  };
}
