import type { FieldList } from "./field-list.ts";
import { Fields } from "./fields.ts";
import type { HttpVersion } from "./http-version.ts";

/** The form of a request target (RFC 9112 3.2). */
export type TargetForm = "origin" | "absolute" | "authority" | "asterisk";

/** What a request head is made of. */
export interface RequestParts {
  /** "Name: value" and CRLF for each field that has no slot here. */
  lines: string;
  /** The fields of an HTTP/2 request, in the place of `lines`. */
  list: FieldList | undefined;
  method: string;
  target: string;
  authority: string;
  form: TargetForm;
  scheme: string;
  version: HttpVersion;
  contentLength: number;
  chunked: boolean;
  keepAlive: boolean;
  expectContinue: boolean;
  upgrade: string;
  acceptsTrailers: boolean;
  traceparent: string;
  deadline: string;
  grpcTimeout: string;
  grpc: boolean;
  protocol: string;
  seen: number;
  end: number;
}

/** Those of a head that says nothing yet. */
export function emptyRequestParts(version: HttpVersion): RequestParts {
  return {
    lines: "",
    list: undefined,
    method: "",
    target: "",
    authority: "",
    form: "origin",
    scheme: "",
    version,
    contentLength: -1,
    chunked: false,
    keepAlive: true,
    expectContinue: false,
    upgrade: "",
    acceptsTrailers: false,
    traceparent: "",
    deadline: "",
    grpcTimeout: "",
    grpc: false,
    protocol: "",
    seen: 0,
    end: 0,
  };
}

/** What a request says before its body. What only concerns this hop stands in slots, not among the fields. */
export class RequestHead extends Fields {
  readonly kind = "request";
  /** As sent: methods are case-sensitive. */
  readonly method: string;
  /**
   * Path and query ("/a?b"), also when the absolute form was sent ("/" when that has none); "*" for OPTIONS of the
   * server as a whole; "host:port" for CONNECT, but for the extended one, which has a path.
   */
  target: string;
  /** Host and port that the request is for, as sent: of the absolute form, else of Host. "" when Host is empty or, in HTTP/1.0, missing. */
  authority: string;
  readonly form: TargetForm;
  /** "http" or "https" of an absolute form, and of every request over HTTP/2; "" otherwise. */
  readonly scheme: string;
  readonly version: HttpVersion;
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
  /** The value of the one grpc-timeout line, unchecked; "" when there is none, or more than one. */
  readonly grpcTimeout: string;
  /** It is a call of gRPC, by its content-type. gRPC-Web is not. */
  readonly grpc: boolean;
  /** What an extended CONNECT asks for (RFC 8441), as "websocket"; "" for every other request. */
  readonly protocol: string;
  /** Bits of SEEN: which fields came, for those that are asked about often. */
  readonly seen: number;
  /** Offset in the bytes that were parsed, just behind the empty line; 0 for HTTP/2. */
  readonly end: number;

  constructor(parts: Readonly<RequestParts>) {
    super(parts.lines, parts.list);
    this.method = parts.method;
    this.target = parts.target;
    this.authority = parts.authority;
    this.form = parts.form;
    this.scheme = parts.scheme;
    this.version = parts.version;
    this.contentLength = parts.contentLength;
    this.chunked = parts.chunked;
    this.keepAlive = parts.keepAlive;
    this.expectContinue = parts.expectContinue;
    this.upgrade = parts.upgrade;
    this.acceptsTrailers = parts.acceptsTrailers;
    this.traceparent = parts.traceparent;
    this.deadline = parts.deadline;
    this.grpcTimeout = parts.grpcTimeout;
    this.grpc = parts.grpc;
    this.protocol = parts.protocol;
    this.seen = parts.seen;
    this.end = parts.end;
  }

  /**
   * The same head with other fields; this one stays as it is.
   *
   * @param changes name (lower case) and value by turns: the value takes the place of all lines of that name; "" takes
   *   them away
   * @throws RangeError as `set` does
   */
  with(changes: readonly string[]): RequestHead {
    const form = this.version === "2" ? { lines: "", list: this.asList() } : { lines: this.lines, list: undefined };
    const changed = new RequestHead({ ...this, ...form });
    for (let i = 0; i < changes.length; i += 2) {
      if (changes[i + 1] === "") changed.remove(changes[i]!);
      else changed.set(changes[i]!, changes[i + 1]!);
    }
    return changed;
  }

  /** 0 for HTTP/1.0, 1 for HTTP/1.1 and HTTP/2. */
  get minor(): 0 | 1 {
    return this.version === "1.0" ? 0 : 1;
  }
}
