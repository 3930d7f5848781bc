import type * as Api from "@opentelemetry/api";
import type { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import type { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import type { Attributes } from "../tracing/span-data.ts";
import { loadApi } from "./load-api.ts";
import type { Compression } from "./otlp-sender.ts";

export interface SdkOptions {
  /** Of the collector, without the path. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: Compression;
  readonly serviceName: string;
  readonly resource: Attributes;
  readonly sampleRatio: number;
  readonly instrumentations: NodeSDKConfiguration["instrumentations"];
  /** Between two reports of numbers; 0: none. */
  readonly metricsIntervalMs: number;
}

export interface StartedSdk {
  readonly api: typeof Api;
  /** Sends what is left. Never rejects; settles within `timeoutMs`, whatever the collector does. */
  close(timeoutMs: number): Promise<void>;
}

/** For one message to the collector, in ms. */
const MESSAGE_MS = 3_000;

/**
 * Starts OpenTelemetry's SDK for what an app makes besides calls: spans of its own, of its instrumentations, and numbers.
 * Its packages are loaded here, and nowhere else.
 */
export async function startSdk(options: SdkOptions): Promise<StartedSdk> {
  const { serviceName, sampleRatio, instrumentations } = options;
  const api = await loadApi();
  const [node, trace, exporter, resources] = await Promise.all([
    import("@opentelemetry/sdk-node"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/exporter-trace-otlp-proto"),
    import("@opentelemetry/resources"),
  ]);
  const sdk = new node.NodeSDK({
    serviceName,
    instrumentations,
    autoDetectResources: false, // what it would find is not on the spans of calls, and a command line may hold secrets
    resource: resources.defaultResource().merge(resources.resourceFromAttributes({ ...options.resource })),
    sampler: new trace.ParentBasedSampler({ root: new trace.TraceIdRatioBasedSampler(sampleRatio) }),
    traceExporter: new exporter.OTLPTraceExporter({ ...target(options, "traces"), timeoutMillis: MESSAGE_MS }),
    metricReaders: await metricReaders(options),
    logRecordProcessors: [],
  });
  sdk.start();
  return { api, close: (timeoutMs) => within(timeoutMs, sdk.shutdown()) };
}

async function metricReaders(options: SdkOptions): Promise<NodeSDKConfiguration["metricReaders"]> {
  const { metricsIntervalMs } = options;
  if (metricsIntervalMs === 0) return [];
  const [metrics, exporter] = await Promise.all([
    import("@opentelemetry/sdk-metrics"),
    import("@opentelemetry/exporter-metrics-otlp-proto"),
  ]);
  const sent = new exporter.OTLPMetricExporter({ ...target(options, "metrics"), timeoutMillis: MESSAGE_MS });
  return [new metrics.PeriodicExportingMetricReader({ exporter: sent, exportIntervalMillis: metricsIntervalMs })];
}

/** Where a signal goes, as exporters of OpenTelemetry have it. */
interface Target {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly compression: PackedWith;
}

/** An enum of a package that is not to be loaded for it, with the same words. */
type PackedWith = NonNullable<NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>["compression"]>;

function target({ url, headers, compression }: SdkOptions, signal: "traces" | "metrics"): Target {
  return { url: `${url}/v1/${signal}`, headers: { ...headers }, compression: compression as PackedWith }; // see there
}

/** A collector that is away makes it fail, or last: nobody can do anything about that here. */
async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    late = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work.catch(() => {}), timeout]);
  clearTimeout(late);
}
