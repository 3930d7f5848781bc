/** Bytes of one direction of a connection, as a test case. */
export interface Stream {
  readonly kind: "request" | "response";
  /** A character for each byte. */
  readonly text: string;
  /** The method that all responses of the stream answer. */
  readonly answers: "GET" | "HEAD" | "CONNECT";
}

/** A message as a reader understood it, in the words that both readers have. */
export interface Message {
  /** Method and target, or status and reason. */
  readonly start: readonly [string, string];
  readonly minor: number;
  /** Fields in order, names in lower case; without those that concern one hop. */
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
  readonly trailers: readonly (readonly [string, string])[];
  readonly keepAlive: boolean;
}

/** What a reader makes of a stream: messages, and how it ended. */
export interface Reading {
  readonly messages: readonly Message[];
  /**
   * "more": the next message is not complete; "over": no message may follow on this connection; else the code of the
   * refusal.
   */
  readonly end: string;
  /** Offset behind the last complete message. -1 when the reader does not tell. */
  readonly endAt: number;
}

export type FieldList = readonly (readonly [string, string])[];

/** Fields of one hop, and those that the head has a slot for: neither reader's list has them. */
const CUT = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "proxy-authenticate",
  "proxy-authorization",
  "content-length",
]);
const CUT_FROM_REQUESTS = new Set([...CUT, "host", "expect", "traceparent", "x-request-deadline-ms"]);
/** Fields that come too late in a trailer. */
const CUT_FROM_TRAILERS = new Set([
  ...CUT_FROM_REQUESTS,
  ...words("authorization cookie set-cookie www-authenticate authentication-info proxy-authentication-info"),
  ...words("cache-control max-forwards pragma range date age expires location retry-after vary"),
  ...words("if-match if-none-match if-modified-since if-unmodified-since if-range"),
  ...words("content-encoding content-type content-range via forwarded idempotency-key x-real-ip"),
  ...words("x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-client-cert client-cert client-cert-chain"),
]);

/** What should be left of a list of fields, told without the code under test. */
export function endToEnd(fields: FieldList, part: "request" | "response" | "trailers"): FieldList {
  const cut = { request: CUT_FROM_REQUESTS, response: CUT, trailers: CUT_FROM_TRAILERS }[part];
  const lower = fields.map(([name, value]) => [name.toLowerCase(), value] as const);
  const nominated = lower
    .filter(([name]) => name === "connection" && part !== "trailers")
    .flatMap(([, value]) => value.split(",").map((option) => option.trim().toLowerCase()));
  return lower.filter(([name]) => {
    if (cut.has(name) || nominated.includes(name)) return false;
    return part === "response" || !name.includes("_");
  });
}

function words(text: string): readonly string[] {
  return text.split(" ");
}
