import type {
  AccessLogFormat,
  AccessLogTarget,
  AttemptsShown,
  OtlpCompression,
  TraceFormat,
} from "../input/telemetry-input.ts";
import type { Secret } from "../input/units.ts";

/** What is told about the calls, with every field resolved. */
export interface TelemetryPolicy {
  readonly accessLog: { readonly format: AccessLogFormat; readonly to: AccessLogTarget };
  /** `sidecar.service` where it is not written; undefined: neither is. */
  readonly serviceName: string | undefined;
  /** Undefined: nothing is sent to a collector. */
  readonly otlp: OtlpPolicy | undefined;
  /** Of services that say nothing themselves. */
  readonly tracing: TracingPolicy;
  readonly attempts: AttemptsShown;
  readonly propagation: { readonly extract: readonly TraceFormat[]; readonly inject: readonly TraceFormat[] };
  /** Between two reports of numbers to the collector; undefined: none. */
  readonly metricsIntervalMs: number | undefined;
}

/** A collector that speaks OTLP over HTTP. */
export interface OtlpPolicy {
  /** As it was written, without a slash at its end: `/v1/traces` is added. */
  readonly url: string;
  /** Names in lower case, and where each value is read from: `readSecret`. */
  readonly headers: Readonly<Record<string, Secret>>;
  readonly queueSpans: number;
  readonly compression: OtlpCompression;
}

/** Which traces are kept. */
export interface TracingPolicy {
  /** Of the traces that begin here, in [0, 1]. */
  readonly sampleRatio: number;
  readonly keepFailed: boolean;
  /** Infinity: off. */
  readonly keepSlowerThanMs: number;
}
