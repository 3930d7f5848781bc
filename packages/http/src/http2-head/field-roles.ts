import { KNOWN } from "../hpack/field-name.ts";
import { LATE_FIELDS } from "../head/late-fields.ts";
import { seenBit } from "../head/known-names.ts";

// What a field is to a header block. Those of the first ones that are passed on stay among the fields, the next have a slot
// alone, the last are pseudo-headers.
export const UNKNOWN = 0;
export const PLAIN = 1;
/** Not passed on. */
export const DROPPED = 2;
/** A connection of HTTP/1.1 is spoken of: the head is malformed (RFC 9113 8.2.2). */
export const CONNECTION_FIELD = 3;
export const CONTENT_TYPE = 4;
export const GRPC_STATUS = 5;
export const HOST = 6;
export const CONTENT_LENGTH = 7;
export const TE = 8;
export const EXPECT = 9;
export const COOKIE = 10;
export const TRACEPARENT = 11;
export const DEADLINE = 12;
export const GRPC_TIMEOUT = 13;
export const METHOD = 16;
export const SCHEME = 17;
export const AUTHORITY = 18;
export const PATH = 19;
export const PROTOCOL = 20;
export const STATUS = 21;
/** A pseudo-header that does not belong into a block of that kind. */
export const FOREIGN = 22;
export const ROLES = 23;
/** From here on a field is kept in a slot alone. */
export const FIRST_SLOT = 6;
export const FIRST_PSEUDO = 16;

type Roles = Readonly<Record<string, number>>;

const EVERYWHERE: Roles = {
  connection: CONNECTION_FIELD,
  "proxy-connection": CONNECTION_FIELD,
  "keep-alive": CONNECTION_FIELD,
  "transfer-encoding": CONNECTION_FIELD,
  upgrade: CONNECTION_FIELD,
  trailer: DROPPED,
  "proxy-authenticate": DROPPED,
  "proxy-authorization": DROPPED,
  "http2-settings": DROPPED,
  te: CONNECTION_FIELD, // but in requests
};

/** By `FieldName.known`: the role in a block of requests, of responses, of trailers. */
export const REQUEST_ROLES: Uint8Array = rolesOf({
  ...EVERYWHERE,
  ":method": METHOD,
  ":scheme": SCHEME,
  ":authority": AUTHORITY,
  ":path": PATH,
  ":protocol": PROTOCOL,
  host: HOST,
  "content-length": CONTENT_LENGTH,
  te: TE,
  expect: EXPECT,
  cookie: COOKIE,
  traceparent: TRACEPARENT,
  "x-request-deadline-ms": DEADLINE,
  "grpc-timeout": GRPC_TIMEOUT,
  "content-type": CONTENT_TYPE,
});
export const RESPONSE_ROLES: Uint8Array = rolesOf({
  ...EVERYWHERE,
  ":status": STATUS,
  "content-length": CONTENT_LENGTH,
  "grpc-status": GRPC_STATUS,
});
export const TRAILER_ROLES: Uint8Array = rolesOf({
  ...EVERYWHERE,
  ...Object.fromEntries(LATE_FIELDS.map((name) => [name, DROPPED])),
  expect: DROPPED,
  traceparent: DROPPED,
  "x-request-deadline-ms": DROPPED,
  "grpc-timeout": DROPPED,
  host: HOST,
  "content-length": CONTENT_LENGTH,
});

/** By `FieldName.known`: bits of SEEN. */
export const SEEN_BITS: Uint16Array = Uint16Array.from(KNOWN, ({ text }) => seenBit(text));

/** @throws Error when a name is not among the known ones: it would go by unnoticed */
function rolesOf(roles: Roles): Uint8Array {
  const texts = new Set(KNOWN.map(({ text }) => text));
  for (const name of Object.keys(roles)) if (!texts.has(name)) throw new Error(`${name} is no known name of hpack/`);
  return Uint8Array.from(KNOWN, ({ text, known }) =>
    known === 0 ? UNKNOWN : (roles[text] ?? (text.startsWith(":") ? FOREIGN : PLAIN)),
  );
}
