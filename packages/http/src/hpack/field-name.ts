import { STATIC_FIELDS } from "./static-fields.ts";

/**
 * A field name. There is one object for each known name for the life of the process, so that what is known of a name can
 * be looked up by a number. Of an unknown name there may be several objects: compare their texts.
 */
export interface FieldName {
  /** As it came: whether it is a token, and in lower case, is for others to check. latin1. */
  readonly text: string;
  /** The same in bytes. Not to be changed. */
  readonly bytes: Buffer;
  /** Where it stands in KNOWN; 0 for a name that is not known. */
  readonly known: number;
  /** `known`, or a number behind the known ones that other unknown names may share: below NAME_SLOTS. */
  readonly slot: number;
}

/** Receives the fields of a block, in their order. */
export interface FieldSink {
  /**
   * @param value latin1, unchecked
   * @param neverIndexed whoever passes the field on must not put it into a table either (RFC 7541 6.2.3)
   */
  field(name: FieldName, value: string, neverIndexed: boolean): void;
}

/** Names that the static table lacks, and of which somebody here knows more than their text. */
const OTHERS = [
  // Pseudo-headers beyond those of the static table (RFC 8441).
  ":protocol",
  // What concerns one hop.
  "connection",
  "keep-alive",
  "proxy-connection",
  "http2-settings",
  "te",
  "trailer",
  "upgrade",
  // What must not come behind a body.
  "authentication-info",
  "proxy-authentication-info",
  "pragma",
  "forwarded",
  "client-cert",
  "client-cert-chain",
  "x-forwarded-client-cert",
  "x-real-ip",
  // What is read on the way.
  "cdn-loop",
  "idempotency-key",
  "priority",
  "x-attempt",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-overloaded",
  "x-no-retry",
  "x-request-deadline-ms",
  "x-weft-error",
  // Traces.
  "baggage",
  "b3",
  "traceparent",
  "tracestate",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-spanid",
  "x-b3-traceid",
  "x-correlation-id",
  "x-envoy-attempt-count",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-request-id",
  // gRPC, and gRPC-Web.
  "grpc-accept-encoding",
  "grpc-encoding",
  "grpc-message",
  "grpc-message-type",
  "grpc-previous-rpc-attempts",
  "grpc-retry-pushback-ms",
  "grpc-status",
  "grpc-status-details-bin",
  "grpc-tags-bin",
  "grpc-timeout",
  "grpc-trace-bin",
  "x-grpc-web",
  "x-user-agent",
  // Common, so that they are not made anew for each head.
  "access-control-allow-credentials",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-expose-headers",
  "access-control-max-age",
  "access-control-request-headers",
  "access-control-request-method",
  "alt-svc",
  "content-security-policy",
  "dnt",
  "early-data",
  "origin",
  "permissions-policy",
  "referrer-policy",
  "sec-ch-ua",
  "sec-ch-ua-mobile",
  "sec-ch-ua-platform",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "sec-fetch-user",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-protocol",
  "sec-websocket-version",
  "server-timing",
  "upgrade-insecure-requests",
  "x-api-key",
  "x-content-type-options",
  "x-frame-options",
  "x-powered-by",
  "x-requested-with",
  "x-response-time",
  "x-xss-protection",
];

/** Numbers that unknown names share. */
const SHARED_SLOTS = 64;

/** The known names. The first stands for all that are unknown, and its text is empty. */
export const KNOWN: readonly FieldName[] = [...new Set(["", ...STATIC_FIELDS.map(([name]) => name), ...OTHERS])].map(
  (text, known) => ({ text, bytes: Buffer.from(text, "latin1"), known, slot: known }),
);

/** `FieldName.slot` is below. */
export const NAME_SLOTS: number = KNOWN.length + SHARED_SLOTS;

const BY_TEXT: ReadonlyMap<string, FieldName> = new Map(KNOWN.slice(1).map((name) => [name.text, name]));

/** The known name of that text. @throws Error when it is not known: a mistake of the caller */
export function knownName(text: string): FieldName {
  const name = BY_TEXT.get(text);
  if (name === undefined) throw new Error(`${JSON.stringify(text)} is no known name: add it to the table`);
  return name;
}

/** The name of that text, known or not. @param text latin1, in lower case */
export function fieldName(text: string): FieldName {
  return BY_TEXT.get(text) ?? new UnknownName(text);
}

/** A name that is not known. */
class UnknownName implements FieldName {
  readonly text: string;
  readonly known = 0;
  readonly slot: number;
  #bytes: Buffer | undefined = undefined;

  constructor(text: string) {
    this.text = text;
    const middle = text.length >> 1;
    const mixed = text.length + text.charCodeAt(0) * 3 + text.charCodeAt(middle) * 5 + text.charCodeAt(text.length - 1);
    this.slot = KNOWN.length + (mixed & (SHARED_SLOTS - 1)); // of the empty name NaN, which counts as 0
  }

  /** Made on first use: most names are only compared. */
  get bytes(): Buffer {
    return (this.#bytes ??= Buffer.from(this.text, "latin1"));
  }
}
