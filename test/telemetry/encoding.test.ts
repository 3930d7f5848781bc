import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { HrTime, SpanContext } from "@opentelemetry/api";
import { type Attributes, otlpExport, type SpanData } from "@weft/telemetry";
import { seededRandom } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { aSpan } from "./a-span.ts";
import { fakeCollector } from "./fake-collector.ts";
import { type ReadSpan, readOtlp } from "./read-otlp.ts";

type ReadableSpan = Parameters<(typeof ProtobufTraceSerializer)["serializeRequest"]>[0][number];

const random = seededRandom(7);

test("spans are encoded as OpenTelemetry's own serializer does it", async () => {
  const collector = await fakeCollector();
  onTestFinished(() => collector.close());
  const sink = otlpExport({ url: collector.url, serviceName: "web" });
  const spans = Array.from({ length: 100 }, drawSpan);
  for (const span of spans) sink.write(span);
  const ours = await collector.has(spans.length);
  await sink.close();
  theirs(spans).forEach((span, i) => expect(ours[i]).toEqual(span));
});

function theirs(spans: readonly SpanData[]): ReadSpan[] {
  const message = ProtobufTraceSerializer.serializeRequest(spans.map(readable));
  if (message === undefined) throw new Error("it serialized nothing");
  return readOtlp(Buffer.from(message)).flatMap((read) => read.spans);
}

const RESOURCE = resourceFromAttributes({ "service.name": "web" });
const KINDS = { internal: 0, server: 1, client: 2 } as const;

function readable(span: SpanData): ReadableSpan {
  const { traceId, spanId, parentSpanId, sampled, parentRemote } = span;
  const place = (id: string, isRemote?: boolean): SpanContext => {
    return { traceId, spanId: id, traceFlags: sampled ? 1 : 0, ...(isRemote === undefined ? {} : { isRemote }) };
  };
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => place(spanId),
    ...(parentSpanId === "" ? {} : { parentSpanContext: place(parentSpanId, parentRemote) }),
    startTime: time(span.startEpochMs),
    endTime: time(span.endEpochMs),
    duration: [0, 0],
    ended: true,
    status: span.status.kind === "unset" ? { code: 0 } : { code: 2, message: span.status.message },
    attributes: copied(span.attributes),
    events: span.events.map(({ name, epochMs, attributes }) => {
      return { name, time: time(epochMs), attributes: copied(attributes) };
    }),
    links: span.links.map((link) => {
      const context = { traceId: link.traceId, spanId: link.spanId, traceFlags: link.sampled ? 1 : 0 };
      return { context, attributes: copied(link.attributes) };
    }),
    resource: RESOURCE,
    instrumentationScope: { name: "weft" },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** As the other side wants it: seconds, and nanoseconds of one. */
function time(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1000);
  const wholeMs = Math.floor(epochMs);
  return [seconds, (wholeMs - seconds * 1000) * 1e6 + Math.round((epochMs - wholeMs) * 1e6)];
}

function copied(attributes: Attributes): Record<string, string | number | boolean | string[]> {
  const own: Record<string, string | number | boolean | string[]> = {};
  // What is an object is a list: `AttributeValue` has no other.
  for (const [key, value] of Object.entries(attributes)) own[key] = typeof value === "object" ? [...value] : value;
  return own;
}

function drawSpan(): SpanData {
  const startEpochMs = 1_767_225_600_000 + random.below(1_000_000) + random.below(1_000_000) / 1e6;
  return aSpan({
    traceId: drawHex(32),
    spanId: drawHex(16),
    parentSpanId: random.below(3) === 0 ? "" : drawHex(16),
    parentRemote: false,
    sampled: true,
    name: drawText(),
    kind: (["internal", "server", "client"] as const)[random.below(3)]!,
    startEpochMs,
    endEpochMs: startEpochMs + random.below(100_000) / 7,
    attributes: drawAttributes(),
    events: Array.from({ length: random.below(4) }, () => {
      return { name: drawText(), epochMs: startEpochMs + random.below(1_000), attributes: drawAttributes() };
    }),
    links: Array.from({ length: random.below(2) }, () => {
      return { traceId: drawHex(32), spanId: drawHex(16), sampled: true, attributes: drawAttributes() };
    }),
    status: random.below(2) === 0 ? { kind: "unset" } : { kind: "error", message: drawText() },
  });
}

function drawAttributes(): Attributes {
  return Object.fromEntries(
    Array.from({ length: random.below(6) }, (_, i) => {
      const values = [
        drawText(),
        random.below(2 ** 31),
        random.unit() * 1e6,
        -random.unit(),
        true,
        false,
        [drawText()],
        [],
      ];
      return [`weft.a${i}`, values[random.below(values.length)]!];
    }),
  );
}

/** Of all lengths around those at which something changes, and of characters of one to four bytes. */
function drawText(): string {
  const length = [0, 1, 20, 31, 32, 33, 126, 127, 128, 129, 300, 3_000][random.below(12)]!;
  const alphabet = random.below(3) === 0 ? ["a", "ü", "…", "😀"] : ["a", "b"];
  return Array.from({ length }, () => alphabet[random.below(alphabet.length)]!).join("");
}

function drawHex(digits: number): string {
  return Array.from({ length: digits }, () => random.below(16).toString(16)).join("");
}
