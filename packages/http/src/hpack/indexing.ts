import { type FieldName, KNOWN } from "./field-name.ts";

/** What is done with a field that the tables do not hold. */
export const INDEX = 0;
/** Literal, and not put into the table: the next one has another value. */
const PLAIN = 1;
/** Literal, and nobody on the way may put it into a table (RFC 7541 7.1.3). */
export const NEVER = 2;
/** Never indexed when its value is short enough to be guessed, otherwise like others. */
const CRUMB = 3;
/** The same, and plain when it is long. */
const SET_CRUMB = 4;

/** A cookie below that length is a secret that can be guessed by trying. Source: nghttp2. */
const SHORT_SECRET = 20;

const TREATMENT: Readonly<Record<string, number>> = {
  authorization: NEVER,
  "proxy-authorization": NEVER,
  "x-api-key": NEVER,
  cookie: CRUMB,
  "set-cookie": SET_CRUMB,

  age: PLAIN,
  b3: PLAIN,
  "content-length": PLAIN,
  "content-range": PLAIN,
  date: PLAIN,
  etag: PLAIN,
  expires: PLAIN,
  "grpc-message": PLAIN,
  "grpc-previous-rpc-attempts": PLAIN,
  "grpc-retry-pushback-ms": PLAIN,
  "grpc-status": PLAIN,
  "grpc-status-details-bin": PLAIN,
  "grpc-tags-bin": PLAIN,
  "grpc-timeout": PLAIN,
  "grpc-trace-bin": PLAIN,
  "idempotency-key": PLAIN,
  "if-match": PLAIN,
  "if-modified-since": PLAIN,
  "if-none-match": PLAIN,
  "if-range": PLAIN,
  "if-unmodified-since": PLAIN,
  "last-modified": PLAIN,
  location: PLAIN,
  range: PLAIN,
  "sec-websocket-accept": PLAIN,
  "sec-websocket-key": PLAIN,
  "server-timing": PLAIN,
  traceparent: PLAIN,
  "x-b3-parentspanid": PLAIN,
  "x-b3-spanid": PLAIN,
  "x-b3-traceid": PLAIN,
  "x-correlation-id": PLAIN,
  "x-request-deadline-ms": PLAIN,
  "x-request-id": PLAIN,
  "x-response-time": PLAIN,
};

/** By `FieldName.known`. Unknown names are indexed, until their values turn out to change (see ChurnGuard). */
const TREATMENTS: Uint8Array = Uint8Array.from(KNOWN, ({ text }) => TREATMENT[text] ?? INDEX);

/** INDEX, PLAIN or NEVER. */
export function treatmentOf(name: FieldName, value: string): number {
  const treatment = TREATMENTS[name.known]!;
  if (treatment <= NEVER) return treatment;
  return value.length < SHORT_SECRET ? NEVER : treatment === CRUMB ? INDEX : PLAIN;
}

/** Whether the values of a name mostly come again. Of unknown names nothing is known. */
export function comesAgain({ known }: FieldName): boolean {
  return known > 0 && TREATMENTS[known] === INDEX;
}
