import type { Attributes, Meter } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";

/** A meter of the real SDK, and what was measured by it so far. */
export interface Collecting {
  readonly meter: Meter;
  collect(): Promise<readonly MetricData[]>;
  close(): Promise<void>;
}

export function collecting(): Collecting {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  return {
    meter: provider.getMeter("test"),
    async collect() {
      exporter.reset();
      await reader.forceFlush();
      return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
    },
    close: () => provider.shutdown(),
  };
}

/** The points of a metric: attributes, and the value, or how often a histogram was told. */
export function pointsOf(
  all: readonly MetricData[],
  name: string,
): readonly { readonly attributes: Attributes; readonly value: number }[] {
  const found = all.find(({ descriptor }) => descriptor.name === name);
  // Of a union of lists of points, whose values are told apart below.
  const points: readonly DataPoint<unknown>[] = found?.dataPoints ?? [];
  return points.map(({ attributes, value }) => ({
    attributes,
    value: typeof value === "number" ? value : countOf(value),
  }));
}

function countOf(value: unknown): number {
  // The other kind of value that the suite's instruments have.
  return (value as Histogram).count;
}
