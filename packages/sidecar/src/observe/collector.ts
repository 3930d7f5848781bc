import { type OtlpPolicy, readSecret, type TelemetryPolicy } from "@weft/config";
import { type MetricsPush, otlpExport, pushMetrics, type PushMetricsOptions, type SpanSink } from "@weft/telemetry";
import { measuredMetrics } from "../metrics/measured.ts";
import { type ProcessStats, processMeter } from "../metrics/process-meter.ts";
import type { MetricsState } from "../metrics/shown.ts";
import type { SidecarOptions } from "../sidecar-options.ts";

export interface CollectorPorts {
  /** All numbers as they stand, around those of the process. */
  readonly measured: (process: ProcessStats) => MetricsState;
  readonly log: NonNullable<SidecarOptions["log"]>;
}

/** Where spans go, and numbers where the policy says so. */
export interface Collector {
  readonly sink: SpanSink;
  /** Sends what is left, for a bounded time. Never rejects. */
  close(): Promise<void>;
}

/** The service's name where the policy gives none. Source: OpenTelemetry's resource conventions. */
const UNKNOWN = "unknown_service";

/**
 * Begins to send to the collector of the policy.
 *
 * @throws MeshError BAD_CONFIG when a secret cannot be read
 */
export async function openCollector(
  otlp: OtlpPolicy,
  { serviceName = UNKNOWN, metricsIntervalMs }: TelemetryPolicy,
  ports: CollectorPorts,
): Promise<Collector> {
  const { url, compression } = otlp;
  const to = { url, compression, headers: await headersOf(otlp), serviceName };
  const sink = otlpExport({
    ...to,
    queueSpans: otlp.queueSpans,
    onDrop: (spans, why) => ports.log({ level: "warn", text: `telemetry.otlp: ${spans} spans were lost: ${why}` }),
    onTrouble: troubleWith("telemetry.otlp", "spans", ports),
  });
  // Behind what refuses headers, for its timer runs from now on.
  const push = metricsIntervalMs === undefined ? undefined : await openPush(to, metricsIntervalMs, ports);
  return {
    sink,
    close: async () => void (await Promise.all([sink.close(), push?.close()])),
  };
}

async function openPush(
  to: Pick<PushMetricsOptions, "url" | "headers" | "compression" | "serviceName">,
  intervalMs: number,
  ports: CollectorPorts,
): Promise<MetricsPush> {
  const meter = processMeter(); // of its own: what it says of delays counts from the reading before
  const push = await pushMetrics({
    ...to,
    intervalMs,
    read: () => measuredMetrics(ports.measured(meter.read())),
    onTrouble: troubleWith("telemetry.metrics", "numbers", ports),
  }).catch((error: unknown) => {
    meter.close();
    throw error;
  });
  return {
    async close() {
      await push.close();
      meter.close();
    },
  };
}

/** Says that the collector does not take what it is sent, and that it does again. */
function troubleWith(part: string, what: string, { log }: CollectorPorts): (why: string | undefined) => void {
  return (why) => {
    if (why === undefined) log({ level: "info", text: `${part}: the collector takes ${what} again` });
    else log({ level: "warn", text: `${part}: the collector does not take ${what}: ${why}` });
  };
}

async function headersOf({ headers }: OtlpPolicy): Promise<Readonly<Record<string, string>>> {
  const values = Object.entries(headers).map(async ([name, secret]) => [name, await readSecret(secret)] as const);
  return Object.fromEntries(await Promise.all(values));
}
