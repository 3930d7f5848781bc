/** What a collector says of a message that it took, but not all of. */
export interface PartialSuccess {
  /** Spans that it did not take, >= 0. */
  readonly rejected: number;
  /** In its words; "": none. */
  readonly why: string;
}

/** Of the answer. Source: opentelemetry-proto, ExportTraceServiceResponse and ExportTracePartialSuccess; stable. */
const PARTIAL_SUCCESS = 1;
const REJECTED_SPANS = 1;
const ERROR_MESSAGE = 2;

/** Wire types of protobuf. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Characters of the collector's words that are kept. */
const KEPT_CHARACTERS = 200;

/** Reads the body of an answer. Undefined: all was taken, or it is nothing that can be read. */
export function readPartialSuccess(body: Buffer): PartialSuccess | undefined {
  const inner = fieldsOf(body)?.get(PARTIAL_SUCCESS);
  if (!Buffer.isBuffer(inner)) return undefined;
  const fields = fieldsOf(inner);
  if (fields === undefined) return undefined;
  const [rejected, message] = [fields.get(REJECTED_SPANS), fields.get(ERROR_MESSAGE)];
  return {
    rejected: typeof rejected === "number" ? rejected : 0,
    why: Buffer.isBuffer(message) ? message.toString("utf8").slice(0, KEPT_CHARACTERS) : "",
  };
}

/** The fields of a message, of each the last; undefined: it is none. */
function fieldsOf(bytes: Buffer): Map<number, number | Buffer> | undefined {
  const fields = new Map<number, number | Buffer>();
  let at = 0;
  /** NaN behind the end. */
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 63) return Number.NaN;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, type] = [Math.floor(tag / 8), tag % 8];
    const size = type === LENGTH ? varint() : type === FIXED64 ? 8 : type === FIXED32 ? 4 : 0;
    if (type === VARINT) fields.set(field, varint());
    else if (type === LENGTH) fields.set(field, bytes.subarray(at, at + size));
    else if (size === 0) return undefined;
    at += size;
    if (!(at <= bytes.length)) return undefined; // NaN, too
  }
  return fields;
}
