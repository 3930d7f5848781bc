import type * as Api from "@opentelemetry/api";
import { NO_TRACE_FIELDS } from "@weft/core";
import type { Propagation } from "../propagation/propagation.ts";
import { carriedNow } from "../propagate/carried.ts";
import type { Surrounding } from "../tracing/call-tracing.ts";

/** Bits of a span context's flags. */
const SAMPLED = 0x01;
const RANDOM = 0x02;

/**
 * The span in which a call of the app is made: the one that is active in its OpenTelemetry, or else the one that came
 * with the request being served, where the preload `@weft/telemetry/propagate` keeps it.
 *
 * @param api undefined: the app has no OpenTelemetry
 */
export function surroundingSpan(api: typeof Api | undefined, propagation: Propagation): Surrounding | undefined {
  const active = api?.trace.getActiveSpan()?.spanContext();
  if (api !== undefined && active !== undefined && api.isSpanContextValid(active)) return fromActive(active);
  return fromRequest(propagation);
}

function fromActive({ traceId, spanId, traceFlags, isRemote, traceState }: Api.SpanContext): Surrounding {
  const sampled = (traceFlags & SAMPLED) !== 0;
  return {
    parent: { traceId, spanId, sampled, random: (traceFlags & RANDOM) !== 0 },
    sampled,
    debug: false,
    tracestate: traceState?.serialize() ?? "",
    forms: 0,
    edits: NO_TRACE_FIELDS,
    remote: isRemote === true,
  };
}

function fromRequest(propagation: Propagation): Surrounding | undefined {
  const lines = carriedNow()?.context;
  if (lines === undefined || lines.length === 0) return undefined;
  const received = propagation.extract({
    header(name) {
      const at = lines.findIndex((line, i) => i % 2 === 0 && line === name);
      return at < 0 ? undefined : lines[at + 1];
    },
  });
  return { ...received, remote: true };
}
