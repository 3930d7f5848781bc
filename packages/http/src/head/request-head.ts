import { Fields } from "./fields.ts";

/** The form of a request target (RFC 9112 3.2). */
export type TargetForm = "origin" | "absolute" | "authority" | "asterisk";

/** What a request head is made of. */
export interface RequestParts {
  /** "Name: value" and CRLF for each field that has no slot here. */
  lines: string;
  method: string;
  target: string;
  authority: string;
  form: TargetForm;
  scheme: string;
  minor: 0 | 1;
  contentLength: number;
  chunked: boolean;
  keepAlive: boolean;
  expectContinue: boolean;
  upgrade: string;
  acceptsTrailers: boolean;
  traceparent: string;
  deadline: string;
  seen: number;
  end: number;
}

/** What a request says before its body. What only concerns this hop stands in slots, not among the fields. */
export class RequestHead extends Fields {
  readonly kind = "request";
  /** As sent: methods are case-sensitive. */
  readonly method: string;
  /**
   * Path and query ("/a?b"), also when the absolute form was sent ("/" when that has none); "*" for OPTIONS of the
   * server as a whole; "host:port" for CONNECT.
   */
  target: string;
  /** Host and port that the request is for, as sent: of the absolute form, else of Host. "" when Host is empty or, in HTTP/1.0, missing. */
  authority: string;
  readonly form: TargetForm;
  /** "http" or "https" of an absolute form, "" otherwise. */
  readonly scheme: string;
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minor: 0 | 1;
  /** Bytes of the body; -1 when no length was given. */
  readonly contentLength: number;
  /** The body comes in chunks. Never together with a length. */
  readonly chunked: boolean;
  /** The connection may serve another request after this one. HTTP/1.0 only when it asks for that. */
  readonly keepAlive: boolean;
  /** The caller waits for 100 before it sends the body (HTTP/1.1 only, RFC 9110 10.1.1). */
  readonly expectContinue: boolean;
  /** The value of Upgrade when Connection names it, in HTTP/1.1; else "". */
  readonly upgrade: string;
  /** TE names trailers. */
  readonly acceptsTrailers: boolean;
  /** The value of the one traceparent line, unchecked; "" when there is none, or more than one. */
  readonly traceparent: string;
  /** The value of the one x-request-deadline-ms line, unchecked; "" when there is none, or more than one. */
  readonly deadline: string;
  /** Bits of SEEN: which fields came, for those that are asked about often. */
  readonly seen: number;
  /** Offset in the bytes that were parsed, just behind the empty line. */
  readonly end: number;

  constructor(parts: Readonly<RequestParts>) {
    super(parts.lines);
    this.method = parts.method;
    this.target = parts.target;
    this.authority = parts.authority;
    this.form = parts.form;
    this.scheme = parts.scheme;
    this.minor = parts.minor;
    this.contentLength = parts.contentLength;
    this.chunked = parts.chunked;
    this.keepAlive = parts.keepAlive;
    this.expectContinue = parts.expectContinue;
    this.upgrade = parts.upgrade;
    this.acceptsTrailers = parts.acceptsTrailers;
    this.traceparent = parts.traceparent;
    this.deadline = parts.deadline;
    this.seen = parts.seen;
    this.end = parts.end;
  }
}
