import type { BuiltIn } from "./built-in.ts";

/**
 * The built-in default of every field of `telemetry`, by its path, as it would be written; those of `otlp` and `metrics`
 * count only where that part is written.
 */
export const TELEMETRY_BUILT_IN: Readonly<Record<string, BuiltIn>> = {
  "telemetry.otlp.queueSpans": { value: 8_192, source: "weft" },
  "telemetry.otlp.compression": { value: "none", source: "OpenTelemetry" },
  // Enough to see how calls go, and a tenth of what a collector would have to store.
  "telemetry.sampleRatio": { value: 0.1, source: "weft" },
  "telemetry.keepFailed": { value: true, source: "weft" },
  "telemetry.keepSlowerThan": { value: "off", source: "weft" },
  "telemetry.attempts": { value: "spans", source: "OpenTelemetry" },
  "telemetry.propagation.extract": { value: ["tracecontext", "b3", "b3multi"], source: "weft" },
  "telemetry.propagation.inject": { value: ["tracecontext"], source: "W3C" },
  "telemetry.metrics.interval": { value: "30s", source: "weft" },
  "telemetry.accessLog.format": { value: "off", source: "Envoy" },
  "telemetry.accessLog.to": { value: "stdout", source: "Envoy" },
};
