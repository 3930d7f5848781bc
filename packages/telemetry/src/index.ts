// Traces of calls.
export {
  type CallTracing,
  callTracing,
  type CallTracingOptions,
  type Ids,
  type Surrounding,
} from "./tracing/call-tracing.ts";
export type { AttemptsShown } from "./tracing/kept-call.ts";
export type { DropReason, KeepReason, SamplingPolicy, TraceCounts } from "./tracing/sampling.ts";
export type {
  Attributes,
  AttributeValue,
  SpanData,
  SpanEvent,
  SpanKind,
  SpanLink,
  SpanSink,
  SpanStatus,
} from "./tracing/span-data.ts";

// Where they go.
export { otlpExport, type OtlpExportOptions } from "./export/otlp.ts";

// Telemetry for an app: with an OpenTelemetry of its own, or without.
export { openTelemetry, type OpenTelemetryOptions } from "./export/open-telemetry.ts";
export { type StartedTelemetry, startTelemetry, type StartTelemetryOptions } from "./export/start-telemetry.ts";

// Numbers of a home, as instruments of OpenTelemetry.
export { type HomeMeter, homeMeter } from "./metrics/home-meter.ts";

// Numbers of a home that has its own, sent to a collector.
export type { MeasuredMetric, MeasuredPoint } from "./metrics/measured-metric.ts";
export { type MetricsPush, pushMetrics, type PushMetricsOptions } from "./metrics/push-metrics.ts";

// For other packages of weft; no promise.
export { INSTRUMENTS, type InstrumentSpec } from "./metrics/instruments.ts";
export { METHOD_CLASSES, type MethodClass, methodClass } from "./metrics/method-class.ts";
export { lastContactSeconds, stalenessSeconds } from "./metrics/service-gauges.ts";
export { randomSpanId, randomTraceId, spanIdOfAttempt } from "./ids.ts";
export type { HeaderSource } from "./propagation/header-source.ts";
export {
  type OwnContext,
  type Propagation,
  propagation,
  type PropagationFormat,
  type PropagationOptions,
  type Received,
} from "./propagation/propagation.ts";
export type { TraceParent } from "./propagation/trace-context.ts";
