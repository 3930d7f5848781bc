import type * as Api from "@opentelemetry/api";
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
  return {
    traceId,
    spanId,
    sampled: (traceFlags & SAMPLED) !== 0,
    random: (traceFlags & RANDOM) !== 0,
    remote: isRemote === true,
    tracestate: traceState?.serialize() ?? "",
  };
}

function fromRequest(propagation: Propagation): Surrounding | undefined {
  const lines = carriedNow()?.context;
  if (lines === undefined || lines.length === 0) return undefined;
  const header = (name: string): string | undefined => {
    const at = lines.findIndex((line, i) => i % 2 === 0 && line === name);
    return at < 0 ? undefined : lines[at + 1];
  };
  const { parent } = propagation.extract({ header });
  return parent && { ...parent, remote: true, tracestate: header("tracestate") ?? "" };
}
