import type { LatencyCounts } from "@weft/core";
import type { InstrumentSpec } from "./instruments.ts";

/** A metric with its points, as they stood when somebody asked. Of OpenTelemetry's model, without its types. */
export interface MeasuredMetric extends Pick<InstrumentSpec, "kind" | "unit" | "description"> {
  readonly name: string;
  /** Values since the start, not since the time before. */
  readonly points: readonly MeasuredPoint[];
}

export interface MeasuredPoint {
  readonly attributes: Readonly<Record<string, string>>;
  /** Counts of latencies are a histogram's, whose unit is the second. */
  readonly value: number | LatencyCounts;
}
