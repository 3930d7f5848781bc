/** A span as a collector reads it. Numbers of 64 bits that are times are BigInts, as text in nanoseconds. */
export interface ReadSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startNanos: string;
  readonly endNanos: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly nanos: string; readonly attributes: object }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly attributes: object }[];
  readonly status: { readonly code: number; readonly message: string };
}

/** A message as a collector reads it. */
export interface ReadMessage {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: string;
  readonly spans: readonly ReadSpan[];
}

/** One field of a message of Protocol Buffers: a number, or bytes. */
interface Field {
  readonly number: number;
  readonly value: bigint;
  readonly bytes: Buffer;
}

/**
 * Reads an ExportTraceServiceRequest.
 *
 * @throws RangeError when it is not one
 */
export function readOtlp(message: Buffer): ReadMessage[] {
  return inside(message, 1).map((resourceSpans) => {
    const [scopeSpans = Buffer.alloc(0)] = inside(resourceSpans, 2);
    const [resource = Buffer.alloc(0)] = inside(resourceSpans, 1);
    const [scope = Buffer.alloc(0)] = inside(scopeSpans, 1);
    return {
      resource: attributesOf(resource, 1),
      scope: textOf(scope, 1),
      spans: inside(scopeSpans, 2).map(readSpan),
    };
  });
}

function readSpan(span: Buffer): ReadSpan {
  const [status = Buffer.alloc(0)] = inside(span, 15);
  return {
    traceId: hexOf(span, 1),
    spanId: hexOf(span, 2),
    parentSpanId: hexOf(span, 4),
    flags: numberOf(span, 16),
    name: textOf(span, 5),
    kind: numberOf(span, 6),
    startNanos: String(valueOf(span, 7)),
    endNanos: String(valueOf(span, 8)),
    attributes: attributesOf(span, 9),
    events: inside(span, 11).map((event) => ({
      name: textOf(event, 2),
      nanos: String(valueOf(event, 1)),
      attributes: attributesOf(event, 3),
    })),
    links: inside(span, 13).map((link) => ({
      traceId: hexOf(link, 1),
      spanId: hexOf(link, 2),
      attributes: attributesOf(link, 4),
    })),
    status: { code: numberOf(status, 3), message: textOf(status, 2) },
  };
}

function attributesOf(message: Buffer, field: number): Record<string, unknown> {
  return Object.fromEntries(
    inside(message, field).map((pair) => [textOf(pair, 1), readValue(inside(pair, 2)[0] ?? Buffer.alloc(0))]),
  );
}

function readValue(message: Buffer): unknown {
  const [field] = fieldsOf(message);
  switch (field?.number) {
    case 1:
      return field.bytes.toString();
    case 2:
      return field.value === 1n;
    case 3:
      return Number(BigInt.asIntN(64, field.value));
    case 4:
      return field.bytes.readDoubleLE();
    case 5:
      return inside(field.bytes, 1).map(readValue);
    default:
      return undefined;
  }
}

/** Bytes of every field of that number: messages inside a message, or texts. */
export function inside(message: Buffer, field: number): Buffer[] {
  return fieldsOf(message)
    .filter(({ number }) => number === field)
    .map(({ bytes }) => bytes);
}

function valueOf(message: Buffer, field: number): bigint {
  return fieldsOf(message).find(({ number }) => number === field)?.value ?? 0n;
}

/** The first field of that number; 0 when there is none. */
export function numberOf(message: Buffer, field: number): number {
  return Number(valueOf(message, field));
}

/** The same as text; "" when there is none. */
export function textOf(message: Buffer, field: number): string {
  return inside(message, field)[0]?.toString() ?? "";
}

function hexOf(message: Buffer, field: number): string {
  return inside(message, field)[0]?.toString("hex") ?? "";
}

function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  function take(length: number): Buffer {
    if (at + length > message.length) throw new RangeError(`a field of ${length} bytes goes beyond its message`);
    return message.subarray(at, (at += length));
  }
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    const wire = tag & 7;
    if (wire === 0) fields.push({ number, value: varint(), bytes: Buffer.alloc(0) });
    else if (wire === 2) fields.push({ number, value: 0n, bytes: take(Number(varint())) });
    else if (wire === 1) fields.push(fixed(number, take(8)));
    else if (wire === 5) fields.push(fixed(number, take(4)));
    else throw new RangeError(`wire type ${wire}`);
  }
  return fields;
}

function fixed(number: number, bytes: Buffer): Field {
  return { number, value: bytes.length === 8 ? bytes.readBigUInt64LE() : BigInt(bytes.readUInt32LE()), bytes };
}
