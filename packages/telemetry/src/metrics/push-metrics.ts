import { randomUUID } from "node:crypto";
import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import type { HrTime } from "@opentelemetry/api";
import type { OTLPMetricExporter as MetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import type { PushMetricExporter, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { Compression } from "../export/otlp-sender.ts";
import { SCOPE } from "../scope.ts";
import type { MeasuredMetric } from "./measured-metric.ts";
import { metricData } from "./metric-data.ts";

export interface PushMetricsOptions {
  /** Of the collector: `http://127.0.0.1:4318`. `/v1/metrics` is added. */
  readonly url: string;
  /** Sent with each message. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What messages are packed with. Default `none`. */
  readonly compression?: Compression;
  /** Between two messages, in ms, > 0. */
  readonly intervalMs: number;
  /** Whose numbers they are: `service.name`. */
  readonly serviceName: string;
  /** More about whose they are. `service.instance.id` is a random one unless it is said here. */
  readonly resource?: Readonly<Record<string, string>>;
  /** All numbers as they stand. Asked once for each message, and nothing in between. */
  readonly read: () => readonly MeasuredMetric[];
  /** What `close` takes at most, in ms. Default 3,000. */
  readonly closeMs?: number;
  /** Told when messages no longer arrive, with the reason, and when they do again, with undefined. */
  readonly onTrouble?: (why: string | undefined) => void;
}

export interface MetricsPush {
  /** Sends once more, for a bounded time, and no more after. Never rejects. */
  close(): Promise<void>;
}

/** An enum of a package that is not to be loaded for it, with the same words. */
type PackedWith = NonNullable<NonNullable<ConstructorParameters<typeof MetricExporter>[0]>["compression"]>;

/** For one message, in ms; less where the interval is shorter. Source: OpenTelemetry, `OTEL_EXPORTER_OTLP_TIMEOUT`. */
const TIMEOUT_MS = 10_000;
/** Points in one message: a collector takes 4 MiB by default, and a point has some 200 bytes. */
const MOST_POINTS = 5_000;

/**
 * Sends numbers to a collector by OTLP over HTTP, time after time.
 *
 * What is measured costs nothing for it: numbers are read when a message is made. While the collector is away nothing
 * piles up, for the next message has everything. It keeps no process alive.
 *
 * @throws Error when the packages of OpenTelemetry are not installed, or the url is none
 */
export async function pushMetrics(options: PushMetricsOptions): Promise<MetricsPush> {
  const [{ PeriodicExportingMetricReader }, { OTLPMetricExporter }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/sdk-metrics"),
    import("@opentelemetry/exporter-metrics-otlp-proto"),
    import("@opentelemetry/resources"),
  ]);
  const { headers = {}, compression = "none", intervalMs, serviceName, read } = options;
  const { closeMs = 3_000, onTrouble = () => {} } = options;
  const timeoutMs = Math.min(TIMEOUT_MS, intervalMs);
  const url = new URL(`${options.url.replace(/\/$/, "")}/v1/metrics`).href;
  const resource = resourceFromAttributes({
    "service.name": serviceName,
    "service.instance.id": randomUUID(),
    "telemetry.sdk.name": "weft",
    "telemetry.sdk.language": "nodejs",
    ...options.resource,
  });
  const startTime = hrTime(Date.now());
  const agent = url.startsWith("https:") ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const reader = new PeriodicExportingMetricReader({
    exporter: telling(
      new OTLPMetricExporter({
        url,
        headers,
        compression: compression as PackedWith, // see there
        timeoutMillis: timeoutMs,
        httpAgentOptions: () => agent,
      }),
      onTrouble,
    ),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: timeoutMs,
    maxExportBatchSize: MOST_POINTS,
  });
  reader.setMetricProducer({
    collect() {
      const times = { startTime, endTime: hrTime(Date.now()) };
      const metrics = read()
        .filter(({ points }) => points.length > 0)
        .map((metric) => metricData(metric, times));
      const resourceMetrics: ResourceMetrics = {
        resource,
        scopeMetrics: [{ scope: { name: SCOPE }, metrics }],
      };
      return Promise.resolve({ resourceMetrics, errors: [] });
    },
  });
  const close = async (): Promise<void> => {
    await reader.shutdown({ timeoutMillis: closeMs }).catch(() => {}); // the last message is lost
    agent.destroy();
  };
  let closing: Promise<void> | undefined;
  return { close: () => (closing ??= close()) };
}

/** The same exporter, which also tells of each change between well and not well. */
function telling(exporter: PushMetricExporter, tell: (why: string | undefined) => void): PushMetricExporter {
  let troubled = false;
  return {
    export: (metrics, done) =>
      exporter.export(metrics, (result) => {
        const failed = result.code !== 0;
        if (failed !== troubled) tell(failed ? (result.error?.message ?? "no reason was given") : undefined);
        troubled = failed;
        done(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

function hrTime(epochMs: number): HrTime {
  return [Math.floor(epochMs / 1_000), (epochMs % 1_000) * 1e6];
}
