import type {
  AccessLogFormat,
  AccessLogTarget,
  AttemptsShown,
  OtlpCompression,
  TraceFormat,
} from "../input/telemetry-input.ts";
import { durationMs, type Secret } from "../input/units.ts";
import type { Fields } from "./merge.ts";
import { read } from "./read-fields.ts";
import type { OtlpPolicy, TelemetryPolicy, TracingPolicy } from "./telemetry-policy.ts";
import type { Locate } from "./tls-policy.ts";

/** Turns fields into plain numbers. The fields went through the schema, which is what each `read` relies on. */
export function telemetryFromFields(fields: Fields, found: Locate): TelemetryPolicy {
  const interval = read<string | undefined>(fields, "telemetry.metrics.interval");
  return {
    accessLog: {
      format: read<AccessLogFormat>(fields, "telemetry.accessLog.format"),
      to: read<AccessLogTarget>(fields, "telemetry.accessLog.to"),
    },
    serviceName: read<string | undefined>(fields, "telemetry.serviceName"),
    otlp: otlp(fields, found),
    tracing: tracingFromFields(fields, "telemetry"),
    attempts: read<AttemptsShown>(fields, "telemetry.attempts"),
    propagation: {
      extract: read<readonly TraceFormat[]>(fields, "telemetry.propagation.extract"),
      inject: read<readonly TraceFormat[]>(fields, "telemetry.propagation.inject"),
    },
    metricsIntervalMs: interval === undefined ? undefined : durationMs(interval),
  };
}

/** @param part `telemetry`, or `tracing` among the fields of a service */
export function tracingFromFields(fields: Fields, part: "telemetry" | "tracing"): TracingPolicy {
  const slow = read<string>(fields, `${part}.keepSlowerThan`);
  return {
    sampleRatio: read<number>(fields, `${part}.sampleRatio`),
    keepFailed: read<boolean>(fields, `${part}.keepFailed`),
    keepSlowerThanMs: slow === "off" ? Number.POSITIVE_INFINITY : durationMs(slow),
  };
}

function otlp(fields: Fields, found: Locate): OtlpPolicy | undefined {
  const url = read<string | undefined>(fields, "telemetry.otlp.url");
  if (url === undefined) return undefined;
  const headers = read<Readonly<Record<string, Secret>> | undefined>(fields, "telemetry.otlp.headers") ?? {};
  const placed = Object.entries(headers).map(([name, secret]) => [
    name.toLowerCase(),
    "file" in secret ? { file: found(secret.file) } : secret,
  ]);
  return {
    url: url.replace(/\/+$/, ""),
    headers: Object.fromEntries(placed),
    queueSpans: read<number>(fields, "telemetry.otlp.queueSpans"),
    compression: read<OtlpCompression>(fields, "telemetry.otlp.compression"),
  };
}
