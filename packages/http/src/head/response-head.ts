import type { FieldList } from "./field-list.ts";
import { Fields } from "./fields.ts";
import type { HttpVersion } from "./http-version.ts";

/** What a response head is made of. */
export interface ResponseParts {
  /** "Name: value" and CRLF for each field that has no slot here. */
  lines: string;
  /** The fields of an HTTP/2 response, in the place of `lines`. */
  list: FieldList | undefined;
  status: number;
  reason: string;
  version: HttpVersion;
  contentLength: number;
  chunked: boolean;
  keepAlive: boolean;
  keepAliveHintMs: number;
  upgrade: string;
  grpcStatus: number;
  seen: number;
  end: number;
}

/** Those of a head that says nothing yet. */
export function emptyResponseParts(version: HttpVersion): ResponseParts {
  return {
    lines: "",
    list: undefined,
    status: 200,
    reason: "",
    version,
    contentLength: -1,
    chunked: false,
    keepAlive: true,
    keepAliveHintMs: -1,
    upgrade: "",
    grpcStatus: -1,
    seen: 0,
    end: 0,
  };
}

/** What a response says before its body. What only concerns this hop stands in slots, not among the fields. */
export class ResponseHead extends Fields {
  readonly kind = "response";
  /** 100 to 599. */
  readonly status: number;
  /** The text behind the status, as sent; "" when there is none, as in HTTP/2. */
  readonly reason: string;
  readonly version: HttpVersion;
  /** What Content-Length says; -1 when it is not there. Whether a body of that length follows, `responseFraming` tells. */
  readonly contentLength: number;
  /** The body comes in chunks. Never together with a length. */
  readonly chunked: boolean;
  /** The connection may serve another request, as far as the fields say; a body that ends with the connection forbids it. */
  readonly keepAlive: boolean;
  /** How long the endpoint keeps an idle connection (timeout of Keep-Alive), in ms; -1 when it does not say. */
  readonly keepAliveHintMs: number;
  /** The value of Upgrade when Connection names it, in HTTP/1.1; else "". */
  readonly upgrade: string;
  /** What a grpc-status field says that came before any body, as when gRPC answers with trailers alone; -1: none came. */
  readonly grpcStatus: number;
  /** Bits of SEEN: which fields came, for those that are asked about often. */
  readonly seen: number;
  /** Offset in the bytes that were parsed, just behind the empty line; 0 for HTTP/2. */
  readonly end: number;

  constructor(parts: Readonly<ResponseParts>) {
    super(parts.lines, parts.list);
    this.status = parts.status;
    this.reason = parts.reason;
    this.version = parts.version;
    this.contentLength = parts.contentLength;
    this.chunked = parts.chunked;
    this.keepAlive = parts.keepAlive;
    this.keepAliveHintMs = parts.keepAliveHintMs;
    this.upgrade = parts.upgrade;
    this.grpcStatus = parts.grpcStatus;
    this.seen = parts.seen;
    this.end = parts.end;
  }

  /** 0 for HTTP/1.0, 1 for HTTP/1.1 and HTTP/2. */
  get minor(): 0 | 1 {
    return this.version === "1.0" ? 0 : 1;
  }
}
