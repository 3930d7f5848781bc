import { validateHeaderName, validateHeaderValue } from "node:http";
import type { Attributes, SpanSink } from "../tracing/span-data.ts";
import { type Compression, otlpSender } from "./otlp-sender.ts";
import { SpanExport } from "./span-export.ts";
import { spanQueue } from "./span-queue.ts";

export interface OtlpExportOptions {
  /** Of the collector: `http://127.0.0.1:4318`. `/v1/traces` is added. */
  readonly url: string;
  /** Sent with each message; names in lower case. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Who made the spans: `service.name`. */
  readonly serviceName: string;
  /** More about who made them, such as `service.version`. Default none. */
  readonly resource?: Attributes;
  /** Spans that wait at most, >= 1; beyond, the newest are dropped. Default 8,192, of 0.5 to 1 KiB each. */
  readonly queueSpans?: number;
  /** What messages are packed with. Default `none`: a collector is usually near. */
  readonly compression?: Compression;
  /** How long a span waits for others, in ms. Default 1,000. */
  readonly intervalMs?: number;
  /** For one message to the collector, in ms. Default 10,000 (OpenTelemetry). */
  readonly timeoutMs?: number;
  /** What `close` takes at most, in ms. Default 3,000. */
  readonly closeMs?: number;
  /** Told of spans that were lost, and why: at once, and then what came together in ten seconds. */
  readonly onDrop?: (spans: number, why: string) => void;
  /** Told why, when the collector begins not to take spans, and undefined when it takes them again. */
  readonly onTrouble?: (why: string | undefined) => void;
}

/**
 * Sends spans to a collector, such as Jaeger, by OTLP over HTTP.
 *
 * Nothing of a call waits for it: a span is encoded when it is written, and sent in the background, one message at a time.
 * While the collector is away, slow or overloaded, spans wait in a bounded queue, and what finds no room is dropped and
 * counted. It keeps no process alive but in `close`.
 *
 * What it does is done in the async context that it was made in, so that no trace of a call surrounds it.
 *
 * @throws TypeError when the url is none of HTTP, or a header cannot be sent; it does not repeat the header's value
 */
export function otlpExport(options: OtlpExportOptions): SpanSink {
  const { url, headers = {}, serviceName, resource = {}, timeoutMs = 10_000, compression = "none" } = options;
  const traces = tracesUrl(url, headers);
  const queue = spanQueue(options.queueSpans ?? 8_192, {
    "service.name": serviceName,
    "telemetry.sdk.name": "weft",
    "telemetry.sdk.language": "nodejs",
    ...resource,
  });
  const { intervalMs = 1_000, closeMs = 3_000, onDrop = () => {}, onTrouble = () => {} } = options;
  return new SpanExport(queue, otlpSender({ url: traces, headers, timeoutMs, compression }), {
    intervalMs,
    closeMs,
    onDrop,
    onTrouble,
  });
}

/** Where spans go at a collector that these headers can be sent to. @throws TypeError as above */
export function tracesUrl(url: string, headers: Readonly<Record<string, string>>): URL {
  const traces = new URL(`${url.replace(/\/$/, "")}/v1/traces`);
  if (!/^https?:$/.test(traces.protocol)) throw new TypeError(`${url} is no URL of HTTP`);
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  return traces;
}
