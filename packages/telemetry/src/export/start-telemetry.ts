import type { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import type { Telemetry } from "@weft/core";
import { homeMeter } from "../metrics/home-meter.ts";
import { propagation, type PropagationOptions } from "../propagation/propagation.ts";
import { SCOPE } from "../scope.ts";
import { observeSpans } from "../metrics/observe-spans.ts";
import { type CallTracing, callTracing } from "../tracing/call-tracing.ts";
import type { AttemptsShown } from "../tracing/kept-call.ts";
import type { SamplingPolicy } from "../tracing/sampling.ts";
import type { Attributes, SpanSink } from "../tracing/span-data.ts";
import { leftAlone, suppressed } from "./left-alone.ts";
import { otlpExport, tracesUrl } from "./otlp.ts";
import type { Compression } from "./otlp-sender.ts";
import { type SdkOptions, startSdk } from "./start-sdk.ts";
import { surroundingSpan } from "./surrounding-span.ts";

export interface StartTelemetryOptions {
  /** Who makes the spans: `service.name`. */
  readonly serviceName: string;
  /** A collector that speaks OTLP over HTTP, such as Jaeger. */
  readonly otlp?: {
    /** Default `OTEL_EXPORTER_OTLP_ENDPOINT`, or `http://127.0.0.1:4318`. */
    readonly url?: string;
    /** Sent with each message. Default `OTEL_EXPORTER_OTLP_HEADERS`, or none. */
    readonly headers?: Readonly<Record<string, string>>;
    /** Spans of calls that wait at most. Default 8,192. */
    readonly queueSpans?: number;
    /** What messages are packed with. Default `OTEL_EXPORTER_OTLP_COMPRESSION`, or `none`. */
    readonly compression?: Compression;
  };
  /** Of the traces that begin in this app, in [0, 1]: those that came in are kept as their callers decided. Default 0.1. */
  readonly sampleRatio?: number;
  /** Keeps the spans of calls that failed, whatever the ratio says. Default true. */
  readonly keepFailed?: boolean;
  /** The same of calls that took longer, in ms. Default: off. */
  readonly keepSlowerThanMs?: number;
  /** The same three for single services, by their names; what is not said holds for all. Default none. */
  readonly services?: Readonly<Record<string, Partial<SamplingPolicy>>>;
  /** How attempts are shown: as spans of their own, as events of the call's, or not at all. Default `spans`. */
  readonly attempts?: AttemptsShown;
  /** In which headers traces are looked for and carried on. Default: reads Trace Context and B3, writes the former. */
  readonly propagation?: PropagationOptions;
  /** More about who makes the spans, such as `service.version`. Default none. */
  readonly resource?: Attributes;
  /**
   * Whether OpenTelemetry's SDK is started for the app's other spans and numbers as well. False: only calls are traced,
   * and no package of OpenTelemetry is loaded. Default true.
   */
  readonly register?: boolean;
  /** Instrumentations of OpenTelemetry, for what the app does besides calls: `[new HttpInstrumentation()]`. Default none. */
  readonly instrumentations?: NodeSDKConfiguration["instrumentations"];
  /** Between two reports of numbers to the collector, in ms; 0: none are sent. Default 60,000. */
  readonly metricsIntervalMs?: number;
  /** Told of spans of calls that were lost, and why. */
  readonly onDrop?: (spans: number, why: string) => void;
  /** Told why, when the collector begins not to take spans of calls, and undefined when it takes them again. */
  readonly onTrouble?: (why: string | undefined) => void;
}

export interface StartedTelemetry extends Telemetry {
  readonly tracing: CallTracing;
  /** Where the spans of calls go. */
  readonly sink: SpanSink;
  /** Sends what is left, within three seconds. After the mesh is closed. */
  close(): Promise<void>;
}

const SAMPLE_RATIO = 0.1;
/** Source: OpenTelemetry's `OTEL_METRIC_EXPORT_INTERVAL`. */
const METRICS_INTERVAL_MS = 60_000;
const COLLECTOR = "http://127.0.0.1:4318";
const CLOSE_MS = 3_000;

const CARRIED: PropagationOptions = { extract: ["tracecontext", "b3", "b3multi"], inject: ["tracecontext"] };

/**
 * Traces and numbers in one line, for an app that has no OpenTelemetry of its own: calls are traced, and OpenTelemetry's
 * SDK is started for whatever else the app makes spans of.
 *
 *   const telemetry = await startTelemetry({ serviceName: "web" });
 *   const mesh = createMesh({ ...policy, telemetry });
 *
 * Instrumentations see what is imported after it: it belongs on top of the app.
 *
 * @throws TypeError when the collector's url is none of HTTP, or a header cannot be sent
 */
export async function startTelemetry(options: StartTelemetryOptions): Promise<StartedTelemetry> {
  const { register = true, attempts = "spans" } = options;
  tracesUrl(urlOf(options), headersOf(options)); // what is wrong with it is told before anything is started
  const sdk = register ? await startSdk(sdkOptions(options)) : undefined;
  const carried = propagation(options.propagation ?? CARRIED);
  const sink = sdk === undefined ? collector(options) : suppressed(sdk.api)(() => collector(options));
  const meter = sdk && homeMeter(sdk.api.metrics.getMeter(SCOPE));
  const tracing = callTracing({
    sampling: samplingOf(options),
    attempts: () => attempts,
    propagation: () => carried,
    sink: () => sink,
    nowMs: () => performance.now(),
    epochMs: Date.now,
    surrounding: () => surroundingSpan(sdk?.api, carried),
    ...(meter && { ended: meter.ended }),
  });
  const stop =
    meter && observeSpans(sdk.api.metrics.getMeter(SCOPE), { traced: tracing.counts, lost: () => sink.dropped });
  return {
    tracing: sdk === undefined ? tracing : { ...tracing, within: leftAlone(sdk.api) },
    ...(meter && { observe: meter.observe }),
    sink,
    async close() {
      await Promise.all([sink.close(), sdk?.close(CLOSE_MS)]);
      stop?.(); // after the last report
    },
  };
}

/** What holds for each service: its own words, and for the rest those for all. */
function samplingOf(options: StartTelemetryOptions): (service: string) => SamplingPolicy {
  const { sampleRatio = SAMPLE_RATIO, keepFailed = true, keepSlowerThanMs = Number.POSITIVE_INFINITY } = options;
  const all: SamplingPolicy = { sampleRatio, keepFailed, keepSlowerThanMs };
  const own = new Map(Object.entries(options.services ?? {}).map(([name, said]) => [name, { ...all, ...said }]));
  return (service) => own.get(service) ?? all;
}

function collector(options: StartTelemetryOptions): SpanSink {
  const { serviceName, resource = {}, otlp = {}, onDrop, onTrouble } = options;
  const { queueSpans } = otlp;
  return otlpExport({
    url: urlOf(options),
    headers: headersOf(options),
    serviceName,
    resource,
    closeMs: CLOSE_MS,
    compression: compressionOf(options),
    ...(queueSpans !== undefined && { queueSpans }),
    ...(onDrop && { onDrop }),
    ...(onTrouble && { onTrouble }),
  });
}

function sdkOptions(options: StartTelemetryOptions): SdkOptions {
  const { serviceName, resource = {}, sampleRatio = SAMPLE_RATIO, instrumentations = [] } = options;
  const { metricsIntervalMs = METRICS_INTERVAL_MS } = options;
  const to = { url: urlOf(options), headers: headersOf(options), compression: compressionOf(options) };
  return { ...to, serviceName, resource, sampleRatio, instrumentations, metricsIntervalMs };
}

function compressionOf({ otlp }: StartTelemetryOptions): Compression {
  return otlp?.compression ?? (process.env["OTEL_EXPORTER_OTLP_COMPRESSION"] === "gzip" ? "gzip" : "none");
}

/** `a=1,b=2`, percent-encoded. Source: OpenTelemetry, "Specifying headers via environment variables". */
function headersOf({ otlp }: StartTelemetryOptions): Readonly<Record<string, string>> {
  if (otlp?.headers !== undefined) return otlp.headers;
  const pairs = (process.env["OTEL_EXPORTER_OTLP_HEADERS"] ?? "").split(",").filter((pair) => pair.includes("="));
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      return [decoded(pair.slice(0, equals).trim()), decoded(pair.slice(equals + 1).trim())];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // it was not encoded
  }
}

/** Without a slash at its end. */
function urlOf({ otlp }: StartTelemetryOptions): string {
  const url = otlp?.url ?? process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? COLLECTOR;
  return url.replace(/\/$/, "");
}
