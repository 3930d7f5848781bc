import type { Duration, Secret } from "./units.ts";

/** What is told about the calls, and to whom. The SDK takes its own from `createMesh({ telemetry })`. */
export interface TelemetryInput extends TracingInput {
  /** Whose the spans and numbers are. Default: `sidecar.service`. */
  readonly serviceName?: string;
  /** The collector. Absent: no span and no number is sent, but traces are carried on. */
  readonly otlp?: OtlpInput;
  /** How the attempts of a call show in its trace. Default `spans`. */
  readonly attempts?: AttemptsShown;
  /** In which headers a trace is looked for, and sent on. */
  readonly propagation?: PropagationInput;
  /** Numbers for the collector. An object, even `{}`, turns them on. Default off. Prometheus can ask in any case. */
  readonly metrics?: MetricsInput;
  /** One line per call, from the sidecar. A word alone is the format. Default `off`. */
  readonly accessLog?: AccessLogFormat | AccessLogInput;
}

/** Which traces are kept. */
export interface TracingInput {
  /** Share of the traces that begin here, 0..1. One that began elsewhere was decided there. Default 0.1. */
  readonly sampleRatio?: number;
  /** Whether a call that failed is kept, whatever the ratio says. Default true. */
  readonly keepFailed?: boolean;
  /** A call that took longer is kept, whatever the ratio says. Default `off`. */
  readonly keepSlowerThan?: Duration | "off";
}

/** A collector that speaks OTLP over HTTP, such as Jaeger. */
export interface OtlpInput {
  /** Without `/v1/traces` and `/v1/metrics`, which are added. */
  readonly url: string;
  /** Sent with each request to the collector, by name. */
  readonly headers?: Readonly<Record<string, Secret>>;
  /** Spans that wait to be sent, at most, from 1; more are dropped, and counted. Default 8,192. */
  readonly queueSpans?: number;
  /** What messages are packed with. Default `none`. */
  readonly compression?: OtlpCompression;
}

/** `gzip` sends a small part of the bytes, and costs a thread beside the event loop some time. */
export const OTLP_COMPRESSIONS = ["none", "gzip"] as const;
export type OtlpCompression = (typeof OTLP_COMPRESSIONS)[number];

/** What an attempt is in a trace: a span of its own, an event of the call's span, or nothing. */
export const ATTEMPTS_SHOWN = ["spans", "events", "off"] as const;
export type AttemptsShown = (typeof ATTEMPTS_SHOWN)[number];

/** Headers that carry a trace: `traceparent` and `tracestate`, `b3`, or `x-b3-traceid` and its like. */
export const TRACE_FORMATS = ["tracecontext", "b3", "b3multi"] as const;
export type TraceFormat = (typeof TRACE_FORMATS)[number];

/** In which headers a trace is looked for, and sent on. */
export interface PropagationInput {
  /** The first that holds a trace counts. None: each call begins a trace. Default all, in the order above. */
  readonly extract?: readonly TraceFormat[];
  /** Has `tracecontext`; a trace is sent on in the form in which it came, too. Default `[tracecontext]`. */
  readonly inject?: readonly TraceFormat[];
}

/** Numbers for the collector. */
export interface MetricsInput {
  /** Between two reports, from `1s`. Default `30s`. */
  readonly interval?: Duration;
}

/** How the lines look, and where they go. */
export interface AccessLogInput {
  /** Default `json`. */
  readonly format?: AccessLogFormat;
  /** Default `stdout`. */
  readonly to?: AccessLogTarget;
}

/** How an access log line is written. */
export type AccessLogFormat = "json" | "text" | "off";
/** Every word for the format. */
export const ACCESS_LOG_FORMATS: readonly AccessLogFormat[] = ["json", "text", "off"];

/** Where access log lines go. A file is appended to. */
export type AccessLogTarget = "stdout" | "stderr" | { readonly file: string };
