import type { Telemetry } from "@weft/core";
import { homeMeter } from "../metrics/home-meter.ts";
import type { AttemptsShown } from "../tracing/kept-call.ts";
import { SCOPE } from "../scope.ts";
import { rpcMethods } from "../tracing/method-names.ts";
import { leftAlone } from "./left-alone.ts";
import { loadApi } from "./load-api.ts";
import { OpenTrace } from "./open-trace.ts";

export interface OpenTelemetryOptions {
  /** How attempts are shown: as spans of their own, as events of the call's, or not at all. Default `spans`. */
  readonly attempts?: AttemptsShown;
}

/**
 * Telemetry for an app that has set OpenTelemetry up by itself: spans are its tracer provider's, children of the span
 * that is active when a call is made, and numbers its meter provider's. What is sampled, in which form a trace is carried
 * and where spans go are its choices as well. Without a provider nothing is recorded and nothing is sent.
 *
 *   const mesh = createMesh({ ...policy, telemetry: await openTelemetry() });
 *
 * @throws MeshError BAD_CONFIG when `@opentelemetry/api` is not installed
 */
export async function openTelemetry({ attempts = "spans" }: OpenTelemetryOptions = {}): Promise<Telemetry> {
  const api = await loadApi();
  const meter = homeMeter(api.metrics.getMeter(SCOPE));
  const ports = {
    api,
    tracer: api.trace.getTracer(SCOPE),
    attempts,
    methods: rpcMethods(),
    epochMs: () => performance.timeOrigin + performance.now(),
    ended: meter.ended,
  };
  return {
    tracing: { begin: (call, request) => new OpenTrace(ports, call, request), within: leftAlone(api) },
    observe: meter.observe,
  };
}
