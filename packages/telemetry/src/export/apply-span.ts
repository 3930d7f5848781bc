import type { Attributes as ApiAttributes, Span, SpanStatusCode } from "@opentelemetry/api";
import type { Attributes, SpanData, SpanLink } from "../tracing/span-data.ts";

/** Of the API, which is not loaded for one number. */
const ERROR: SpanStatusCode.ERROR = 2;

/** Says of a span of the app's OpenTelemetry what is known at its end, and ends it. */
export function applySpan(span: Span, data: SpanData): void {
  span.updateName(data.name);
  span.setAttributes(read(data.attributes));
  for (const { name, attributes, epochMs } of data.events) span.addEvent(name, read(attributes), epochMs);
  for (const link of data.links) addLink(span, link);
  if (data.status.kind === "error") span.setStatus({ code: ERROR, message: data.status.message });
  span.end(data.endEpochMs);
}

function addLink(span: Span, { traceId, spanId, sampled, attributes }: SpanLink): void {
  span.addLink({ context: { traceId, spanId, traceFlags: sampled ? 1 : 0 }, attributes: read(attributes) });
}

/** Nobody changes the lists in them: the API's type only forgets to say so. */
function read(attributes: Attributes): ApiAttributes {
  return attributes as ApiAttributes;
}
