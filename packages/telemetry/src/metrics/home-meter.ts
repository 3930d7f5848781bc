import type { Meter } from "@opentelemetry/api";
import { isGivenUp, type ObservedHome, type TracedCall } from "@weft/core";
import { failureOf } from "../tracing/failure.ts";
import { rpcMethods } from "../tracing/method-names.ts";
import { CallAttributes } from "./call-attributes.ts";
import { countEvents } from "./event-counters.ts";
import { histogram } from "./make-instrument.ts";
import { observeServices } from "./service-gauges.ts";

/** Turns a home's calls, events and state into instruments of OpenTelemetry. */
export interface HomeMeter {
  /** For `Telemetry.observe`. @returns the way to stop */
  observe(home: ObservedHome): () => void;
  /** A call has ended: told of each, whether its spans are kept or not. Never throws. */
  ended(call: TracedCall): void;
}

/**
 * Makes the instruments of a home.
 *
 * It takes what `@opentelemetry/api` gives, and loads nothing of it: without an SDK the meter does nothing.
 *
 * @param meter `metrics.getMeter("weft")`
 * Cost: two histograms for a call of one attempt, with attributes that were made before; nothing else on its way.
 */
export function homeMeter(meter: Meter): HomeMeter {
  const attributes = new CallAttributes(rpcMethods());
  const calls = histogram(meter, "weft.call.duration");
  const requests = histogram(meter, "http.client.request.duration");
  const rpcs = histogram(meter, "rpc.client.call.duration");
  /** The call itself last: whatever throws before is measured as one call, and no call twice. */
  const measure = (ended: TracedCall, tookS: number): void => {
    // That a caller changed its mind is no failure.
    const { status, grpcStatus } = ended;
    const end = isGivenUp(ended) ? { status, grpcStatus, error: undefined } : ended;
    if (ended.request.protocol === "grpc") {
      rpcs.record(tookS, attributes.rpc(ended, failureOf(end, "caller")));
    } else {
      for (let attempt = ended.attempts; attempt !== undefined; attempt = attempt.next) {
        // One that was given up for another, or with the call, has no end of its own.
        const endedMs = attempt.endedMs > 0 ? attempt.endedMs : ended.endedMs;
        requests.record(seconds(attempt.lease.startedMs, endedMs), attributes.attempt(ended, attempt));
      }
    }
    calls.record(tookS, attributes.call(ended, failureOf(end, "called")));
  };
  return {
    observe(home) {
      const stops = [countEvents(meter, home), observeServices(meter, home)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    ended(ended) {
      const tookS = seconds(ended.call.startedMs, ended.endedMs);
      try {
        measure(ended, tookS);
      } catch {
        // What an application throws, or aborts with, may throw when it is read.
        calls.record(tookS, attributes.call(ended, UNREADABLE));
      }
    },
  };
}

/** `error.type` of what cannot be read. */
const UNREADABLE = "_OTHER";

/** A clock that stepped back: nothing. */
function seconds(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1_000;
}
