import type { LatencyCounts } from "@weft/core";
import type { Shown } from "./shown.ts";

/** What a family of samples is. `upDown`: a sum that may fall, which Prometheus calls a gauge. */
export type FamilyType = "counter" | "upDown" | "gauge" | "histogram";

/** What its samples are told apart by. */
export interface Label {
  /** As Prometheus has it. */
  readonly name: string;
  /** As OpenTelemetry has it. */
  readonly attribute: string;
  /** How many values there may be, in words: for the reader of docs/metrics.md. */
  readonly values: string;
}

/**
 * One number of the sidecar, with everything that is said of it: what Prometheus scrapes, what a collector is sent and
 * what docs/metrics.md lists are all made from these.
 */
export interface Family {
  /** As Prometheus has it: Envoy's where Envoy has one. */
  readonly name: string;
  /** As OpenTelemetry has it; undefined: another family has the same numbers under one name for it. */
  readonly otel: string | undefined;
  readonly type: FamilyType;
  /** In UCUM; what is counted stands in braces. Of a histogram it says what its text is in: `s`, or `ms` for Envoy's. */
  readonly unit: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Writes its samples as they stand. */
  readonly write: (shown: Shown, out: Samples) => void;
}

/**
 * A family in short, among many that differ in few things: what it is called and means, and where its number is.
 *
 * @typeParam From how it is found: a function, or a name
 * @typeParam Otel string where each has a name for OpenTelemetry
 */
export type Row<From, Otel extends string | undefined = string | undefined> = readonly [
  name: string,
  otel: Otel,
  type: Exclude<FamilyType, "histogram">,
  unit: string,
  help: string,
  from: From,
];

/** Where the samples of one family go. The values of its labels come in their order. */
export interface Samples {
  sample(values: readonly string[], value: number): void;
  histogram(values: readonly string[], latency: LatencyCounts): void;
}

/** A family with one sample, or none. */
export function single(
  name: string,
  otel: string | undefined,
  type: "counter" | "upDown" | "gauge",
  unit: string,
  help: string,
  valueOf: (shown: Shown) => number | undefined,
): Family {
  return {
    name,
    otel,
    type,
    unit,
    help,
    labels: [],
    write(shown, out) {
      const value = valueOf(shown);
      if (value !== undefined) out.sample([], value);
    },
  };
}
