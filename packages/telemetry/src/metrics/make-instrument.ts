import type {
  Counter,
  Histogram,
  Meter,
  MetricOptions,
  ObservableCounter,
  ObservableGauge,
  ObservableUpDownCounter,
} from "@opentelemetry/api";
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  INSTRUMENTS,
  type InstrumentName,
  type UpDownName,
} from "./instruments.ts";

/** Bounds in seconds. Source: semantic conventions, HTTP metrics, the advice for `http.client.request.duration`. */
const DURATION_BOUNDS_S: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

export function counter(meter: Meter, name: CounterName): Counter {
  return meter.createCounter(name, optionsOf(name));
}

export function histogram(meter: Meter, name: HistogramName): Histogram {
  const advice = { explicitBucketBoundaries: [...DURATION_BOUNDS_S] };
  return meter.createHistogram(name, { ...optionsOf(name), advice });
}

/** Of what is read when somebody asks. */
export type Observed = ObservableGauge | ObservableCounter | ObservableUpDownCounter;

export function observed(meter: Meter, name: CounterName | GaugeName | UpDownName): Observed {
  const options = optionsOf(name);
  const { kind } = INSTRUMENTS[name];
  if (kind === "counter") return meter.createObservableCounter(name, options);
  return kind === "upDown"
    ? meter.createObservableUpDownCounter(name, options)
    : meter.createObservableGauge(name, options);
}

function optionsOf(name: InstrumentName): MetricOptions {
  const { unit, description } = INSTRUMENTS[name];
  return { unit, description };
}
