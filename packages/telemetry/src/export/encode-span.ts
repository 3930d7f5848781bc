import type { Attributes, AttributeValue, SpanData, SpanEvent, SpanKind, SpanLink } from "../tracing/span-data.ts";
import { KnownAttributes, type Run } from "./known-attributes.ts";
import type { ProtobufWriter } from "./protobuf-writer.ts";

/*
 * Numbers of fields. Source: opentelemetry-proto 1.x, trace/v1/trace.proto and common/v1/common.proto; stable.
 */
const SPAN = {
  traceId: 1,
  spanId: 2,
  parentSpanId: 4,
  name: 5,
  kind: 6,
  start: 7,
  end: 8,
  attributes: 9,
  events: 11,
  links: 13,
  status: 15,
  flags: 16,
} as const;
const EVENT = { time: 1, name: 2, attributes: 3 } as const;
const LINK = { traceId: 1, spanId: 2, attributes: 4, flags: 6 } as const;
const STATUS = { message: 2, code: 3 } as const;
const KEY_VALUE = { key: 1, value: 2 } as const;
const VALUE = { text: 1, bool: 2, int: 3, double: 4, array: 5 } as const;
const ARRAY_VALUES = 1;

const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3 };
const ERROR = 2;

/** Bits of a span's flags. `PARENT_KNOWN` says that `PARENT_REMOTE` means something. */
const SAMPLED = 0x01;
const PARENT_KNOWN = 0x100;
const PARENT_REMOTE = 0x200;

/** Writes a span as a field of the message around it. */
export function encodeSpan(writer: ProtobufWriter, field: number, span: SpanData): void {
  const end = writer.at;
  writer.fixed32(SPAN.flags, flagsOf(span));
  const { status, links, events } = span;
  if (status.kind === "error") encodeStatus(writer, status.message);
  for (let i = links.length - 1; i >= 0; i--) encodeLink(writer, links[i]!);
  for (let i = events.length - 1; i >= 0; i--) encodeEvent(writer, events[i]!);
  encodeAttributes(writer, SPAN.attributes, span.attributes, ofSpans);
  writer.nanoseconds(SPAN.end, span.endEpochMs);
  writer.nanoseconds(SPAN.start, span.startEpochMs);
  writer.varint(SPAN.kind, KINDS[span.kind]);
  writer.text(SPAN.name, span.name);
  if (span.parentSpanId !== "") writer.hex(SPAN.parentSpanId, span.parentSpanId);
  writer.hex(SPAN.spanId, span.spanId);
  writer.hex(SPAN.traceId, span.traceId);
  writer.message(field, end);
}

const ofSpans = new KnownAttributes();
const ofLinks = new KnownAttributes();
const ofEvents = new KnownAttributes();

/** Writes each of them as a field of the message around them. @param known those that were written as such before */
export function encodeAttributes(
  writer: ProtobufWriter,
  field: number,
  attributes: Attributes,
  known: KnownAttributes,
): void {
  let run = known.none;
  for (const key in attributes) {
    const value = attributes[key]!;
    const longer = run.with(key, value) ?? learn(writer, field, known, run, key, value);
    if (longer !== undefined) {
      run = longer;
      continue;
    }
    writer.raw(run.bytes);
    run = known.none.with(key, value) ?? known.none;
    if (run === known.none) encodeAttribute(writer, field, key, value);
  }
  writer.raw(run.bytes);
}

/** The run with an attribute that never came behind it; undefined: it has to be written by itself, or begins a run. */
function learn(
  writer: ProtobufWriter,
  field: number,
  known: KnownAttributes,
  run: Run,
  key: string,
  value: AttributeValue,
): Run | undefined {
  if (!known.knows(key, value)) return undefined;
  if (known.full && known.none.with(key, value) !== undefined) return undefined; // nothing more is to be learned of it
  const end = writer.at;
  encodeAttribute(writer, field, key, value);
  const fits = writer.at >= 0;
  const written = fits ? writer.copy(end) : undefined;
  writer.at = end;
  if (written === undefined) return undefined;
  if (known.none.with(key, value) === undefined) known.longer(known.none, key, value, written);
  return run === known.none ? known.none.with(key, value) : known.longer(run, key, value, written);
}

function encodeAttribute(writer: ProtobufWriter, field: number, key: string, value: AttributeValue): void {
  const end = writer.at;
  encodeValue(writer, KEY_VALUE.value, value);
  writer.text(KEY_VALUE.key, key);
  writer.message(field, end);
}

function encodeValue(writer: ProtobufWriter, field: number, value: AttributeValue): void {
  const end = writer.at;
  switch (typeof value) {
    case "string":
      writer.text(VALUE.text, value);
      break;
    case "number":
      if (Number.isSafeInteger(value) && value >= 0) writer.varint(VALUE.int, value);
      else writer.double(VALUE.double, value);
      break;
    case "boolean":
      writer.varint(VALUE.bool, value ? 1 : 0);
      break;
    default:
      for (let i = value.length - 1; i >= 0; i--) encodeValue(writer, ARRAY_VALUES, value[i]!);
      writer.message(VALUE.array, end);
  }
  writer.message(field, end);
}

function encodeEvent(writer: ProtobufWriter, event: SpanEvent): void {
  const end = writer.at;
  encodeAttributes(writer, EVENT.attributes, event.attributes, ofEvents);
  writer.text(EVENT.name, event.name);
  writer.nanoseconds(EVENT.time, event.epochMs);
  writer.message(SPAN.events, end);
}

function encodeLink(writer: ProtobufWriter, link: SpanLink): void {
  const end = writer.at;
  writer.fixed32(LINK.flags, PARENT_KNOWN | (link.sampled ? SAMPLED : 0));
  encodeAttributes(writer, LINK.attributes, link.attributes, ofLinks);
  writer.hex(LINK.spanId, link.spanId);
  writer.hex(LINK.traceId, link.traceId);
  writer.message(SPAN.links, end);
}

function encodeStatus(writer: ProtobufWriter, message: string): void {
  const end = writer.at;
  writer.varint(STATUS.code, ERROR);
  if (message !== "") writer.text(STATUS.message, message);
  writer.message(SPAN.status, end);
}

function flagsOf({ sampled, parentRemote }: SpanData): number {
  return PARENT_KNOWN | (sampled ? SAMPLED : 0) | (parentRemote ? PARENT_REMOTE : 0);
}
