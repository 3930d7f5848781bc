import { SCOPE } from "../scope.ts";
import type { Attributes, SpanData } from "../tracing/span-data.ts";
import { encodeAttributes, encodeSpan } from "./encode-span.ts";
import { KnownAttributes } from "./known-attributes.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";

/** Of what a message to the collector is made. Source: opentelemetry-proto, collector/trace/v1 and trace/v1; stable. */
const REQUEST = { resourceSpans: 1 } as const;
const RESOURCE_SPANS = { resource: 1, scopeSpans: 2, schemaUrl: 3 } as const;
const SCOPE_SPANS = { scope: 1, spans: 2 } as const;
const SCOPE_FIELDS = { name: 1 } as const;
const RESOURCE_ATTRIBUTES = 1;

/** The conventions that attributes are named by. */
const SCHEMA_URL = "https://opentelemetry.io/schemas/1.45.0";

const SPAN_BYTES = 16 * 1024;
const BLOCK_BYTES = 64 * 1024;
/** A span that would need more is dropped: texts in attributes are cut, and so none comes near. */
const LONGEST_SPAN_BYTES = 1024 * 1024;
/** So much goes into one message: collectors take 4 MiB by default, or more. */
const MESSAGE_BYTES = 1024 * 1024;

/** A message to the collector, and how many spans it has. */
export interface Message {
  readonly bytes: Buffer;
  readonly spans: number;
}

export interface SpanQueue {
  readonly spans: number;
  /** False: there is no room, and the span is dropped. */
  add(span: SpanData): boolean;
  /** The oldest spans as a message; undefined: there are none. */
  take(): Message | undefined;
}

/** Spans of one message, one behind the other. */
interface Block {
  bytes: Buffer;
  used: number;
  spans: number;
}

/**
 * Spans that wait to be sent, as the bytes that will be: 0.5 to 1 KiB for each, of which none keeps a request or an error
 * alive, nor is an object that the garbage collector has to look at.
 *
 * @param most     spans, >= 1
 * @param resource who made them
 */
export function spanQueue(most: number, resource: Attributes): SpanQueue {
  const writer = new ProtobufWriter(SPAN_BYTES);
  const headOf = messageHead(writer, resource);
  const blocks: Block[] = [];
  let spans = 0;
  return {
    get spans() {
      return spans;
    },
    add(span) {
      if (spans >= most || !write(writer, () => encodeSpan(writer, SCOPE_SPANS.spans, span))) return false;
      append(blocks, writer);
      spans++;
      return true;
    },
    take() {
      const block = blocks.shift();
      if (block === undefined) return undefined;
      spans -= block.spans;
      const head = headOf(block.used);
      return { bytes: Buffer.concat([head, block.bytes.subarray(0, block.used)]), spans: block.spans };
    },
  };
}

/** @returns false: it is longer than anything that is sent */
function write(writer: ProtobufWriter, encode: () => void): boolean {
  for (;;) {
    writer.reset();
    encode();
    if (writer.at >= 0) return true;
    if (writer.size >= LONGEST_SPAN_BYTES) return false;
    writer.grow();
  }
}

function append(blocks: Block[], writer: ProtobufWriter): void {
  const length = writer.size - writer.at;
  let block = blocks.at(-1);
  if (block === undefined || block.used + length > MESSAGE_BYTES) {
    block = { bytes: Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, length)), used: 0, spans: 0 };
    blocks.push(block);
  }
  if (block.used + length > block.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(block.bytes.length * 2, block.used + length));
    block.bytes.copy(larger, 0, 0, block.used);
    block.bytes = larger;
  }
  writer.copyTo(block.bytes, block.used);
  block.used += length;
  block.spans++;
}

/** What stands before the spans: the heads of request, resource and scope. @returns it, for spans of so many bytes */
function messageHead(writer: ProtobufWriter, resource: Attributes): (spanBytes: number) => Buffer {
  const about = written(writer, () => {
    writer.text(RESOURCE_SPANS.schemaUrl, SCHEMA_URL);
    const end = writer.at;
    encodeAttributes(writer, RESOURCE_ATTRIBUTES, resource, new KnownAttributes());
    writer.message(RESOURCE_SPANS.resource, end);
  });
  const scope = written(writer, () => {
    const end = writer.at;
    writer.text(SCOPE_FIELDS.name, SCOPE);
    writer.message(SCOPE_SPANS.scope, end);
  });
  return (spanBytes) =>
    written(writer, () => {
      const end = writer.at + spanBytes; // they follow
      writer.raw(scope);
      writer.message(RESOURCE_SPANS.scopeSpans, end);
      writer.raw(about);
      writer.message(REQUEST.resourceSpans, end);
    });
}

/** @throws RangeError when a resource is longer than anything that is sent */
function written(writer: ProtobufWriter, encode: () => void): Buffer {
  if (!write(writer, encode)) throw new RangeError(`the resource of spans is longer than ${LONGEST_SPAN_BYTES} bytes`);
  const bytes = Buffer.allocUnsafe(writer.size - writer.at);
  writer.copyTo(bytes, 0);
  return bytes;
}
