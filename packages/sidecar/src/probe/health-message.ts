/** In front of each message of gRPC: whether it is compressed, and its length in 4 bytes. */
const PREFIX_BYTES = 5;
/** Field 1 of HealthCheckRequest, `service`, which is length-delimited. */
const SERVICE_KEY = 0x0a;
/** Field 1 of HealthCheckResponse, `status`. */
const STATUS_FIELD = 1;
/** Wire types of protobuf. Source: protobuf, "Encoding". */
const WIRE = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;
/** 64 bits, 7 in each byte. */
const LONGEST_VARINT = 10;

/** `ServingStatus` of `grpc.health.v1`, by number. */
const STATUSES: readonly string[] = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

/**
 * A HealthCheckRequest, with the prefix that every message of gRPC has.
 *
 * @param service ASCII, at most 255 characters; "": the server as a whole
 */
export function healthRequest(service: string): Buffer {
  const { length } = service;
  const lengthBytes = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  const key = length === 0 ? [] : [SERVICE_KEY, ...lengthBytes]; // an empty field is left out
  const message = Buffer.alloc(PREFIX_BYTES + key.length + length);
  message.writeUInt32BE(key.length + length, 1);
  message.set(key, PREFIX_BYTES);
  message.write(service, PREFIX_BYTES + key.length, "latin1");
  return message;
}

/**
 * What a HealthCheckResponse with its prefix says.
 *
 * @returns the name of the status, "UNKNOWN" for a number that has none; undefined when this is not one such message,
 *   whole and not compressed
 */
export function servingStatus(body: Buffer): string | undefined {
  if (body.length < PREFIX_BYTES || body[0] !== 0 || body.readUInt32BE(1) !== body.length - PREFIX_BYTES)
    return undefined;
  const reader = { bytes: body, at: PREFIX_BYTES };
  let status = 0; // a field that is left out is 0
  while (reader.at < body.length) {
    const key = readVarint(reader);
    const value = key === undefined ? undefined : readValue(reader, key & 7);
    if (key === undefined || value === undefined) return undefined;
    if (key >> 3 === STATUS_FIELD && (key & 7) === WIRE.varint) status = value; // of several, the last counts
  }
  return STATUSES[status] ?? STATUSES[0];
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

/** Steps over the value of a field. @returns a varint's value, 0 for another's; undefined when it does not end */
function readValue(reader: Reader, wireType: number): number | undefined {
  if (wireType === WIRE.varint) return readVarint(reader);
  let length: number | undefined;
  if (wireType === WIRE.fixed64) length = 8;
  else if (wireType === WIRE.fixed32) length = 4;
  else if (wireType === WIRE.delimited) length = readVarint(reader);
  if (length === undefined || length > reader.bytes.length - reader.at) return undefined;
  reader.at += length;
  return 0;
}

/** Beyond 53 bits it is not exact, which no status and no length that fits needs. */
function readVarint(reader: Reader): number | undefined {
  let value = 0;
  for (let i = 0; i < LONGEST_VARINT; i++) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  return undefined;
}
