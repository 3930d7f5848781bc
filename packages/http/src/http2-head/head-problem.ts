/** Rules of RFC 9113 section 8 (and of RFC 8441) that a header block can break, and what HTTP/1.1 would read differently. */
export type MalformedCode =
  // Fields.
  | "field-name"
  | "field-value"
  | "blank-around-value"
  | "connection-field"
  | "te"
  // Pseudo-headers.
  | "pseudo-late"
  | "pseudo-twice"
  | "pseudo-unknown"
  | "pseudo-missing"
  | "pseudo-in-trailers"
  // Their values.
  | "method"
  | "scheme"
  | "authority"
  | "userinfo"
  | "two-authorities"
  | "path"
  | "percent-encoding"
  | "status"
  // CONNECT.
  | "connect-path"
  | "connect-port"
  | "protocol"
  // How the body is framed.
  | "content-length"
  | "two-lengths"
  | "forbidden-body"
  | "forbidden-trailer";

/** What is well-formed, and answered with a status all the same. */
export type RefusedCode = "head-too-long" | "too-many-fields" | "path-too-long" | "expect" | "underscore" | "scheme";

/** What is wrong with a header block. The words are fixed: nothing of what the peer sent is in them. */
export type HeadProblem =
  /** The table is lost: COMPRESSION_ERROR of the connection. */
  | { readonly kind: "compression"; readonly detail: string }
  /** PROTOCOL_ERROR of the stream (RFC 9113 8.1.1). */
  | { readonly kind: "malformed"; readonly code: MalformedCode; readonly detail: string }
  | {
      readonly kind: "refused";
      readonly status: 400 | 414 | 417 | 431 | 501;
      readonly code: RefusedCode;
      readonly detail: string;
    };

const MALFORMED: Readonly<Record<MalformedCode, string>> = {
  "field-name": "a field name is empty, or holds what no token or an upper-case letter (RFC 9113 8.2.1)",
  "field-value": "a field value holds a control character (RFC 9113 8.2.1, RFC 9110 5.5)",
  "blank-around-value": "a field value begins or ends with white space (RFC 9113 8.2.1)",
  "connection-field": "a field is about a connection of HTTP/1.1 (RFC 9113 8.2.2)",
  te: "TE holds something else than trailers (RFC 9113 8.2.2)",
  "pseudo-late": "a pseudo-header stands behind a field (RFC 9113 8.3)",
  "pseudo-twice": "a pseudo-header stands there twice (RFC 9113 8.3)",
  "pseudo-unknown": "a pseudo-header is none of those that belong here (RFC 9113 8.3)",
  "pseudo-missing": "a pseudo-header is missing (RFC 9113 8.3.1, 8.3.2)",
  "pseudo-in-trailers": "a pseudo-header stands in trailers (RFC 9113 8.1)",
  method: "the method is not a token (RFC 9110 9.1)",
  scheme: "the scheme is not one of a URI (RFC 3986 3.1)",
  authority: "the authority is not host or host:port (RFC 9113 8.3.1, RFC 9110 4.2)",
  userinfo: "the authority carries user information (RFC 9113 8.3.1)",
  "two-authorities": "Host is there twice, or names another than :authority (RFC 9113 8.3.1)",
  path: "the path is empty, or not one that a request target of HTTP/1.1 could be (RFC 9113 8.3.1, RFC 9112 3.2)",
  "percent-encoding": "a percent sign in the path is not followed by two hex digits (RFC 3986 2.1)",
  status: "the status is not three digits in 100..599, or is 101 (RFC 9113 8.3.2 and 8.6)",
  "connect-path": "CONNECT has a scheme or a path (RFC 9113 8.5), or an extended one has not (RFC 8441 4)",
  "connect-port": "the authority of CONNECT has no port (RFC 9113 8.5, RFC 9110 9.3.6)",
  protocol: ":protocol is not a token, or stands with another method than CONNECT (RFC 8441 4)",
  "content-length": "Content-Length is not a plain decimal number up to 2^53 - 1 (RFC 9110 8.6)",
  "two-lengths": "there is more than one Content-Length (RFC 9110 8.6)",
  "forbidden-body": "a 1xx or 204 response, or CONNECT, announces a body (RFC 9110 8.6 and 9.3.6)",
  "forbidden-trailer": "a trailer field frames or routes the message (RFC 9110 6.5.1)",
};

const REFUSED: Readonly<Record<RefusedCode, readonly [400 | 414 | 417 | 431 | 501, string]>> = {
  "head-too-long": [431, "the head is longer than this listener takes (RFC 9113 10.5.1)"],
  "too-many-fields": [431, "there are more fields than this listener takes (RFC 6585 5)"],
  "path-too-long": [414, "the path is longer than 8 KiB (RFC 9110 15.5.15)"],
  expect: [417, "an expectation other than 100-continue (RFC 9110 10.1.1)"],
  underscore: [400, "a field name holds an underscore, which some readers take for a dash (set here to be refused)"],
  scheme: [400, "the scheme is neither http nor https (RFC 9113 8.3.1)"],
};

/** Every rule's problem, made once: a flood of bad heads costs no memory. */
const MALFORMED_PROBLEMS: ReadonlyMap<MalformedCode, HeadProblem> = new Map(
  // `Object.entries` widens the keys to string; they are those of MALFORMED.
  Object.entries(MALFORMED).map(([code, detail]) => [
    code as MalformedCode,
    { kind: "malformed", code: code as MalformedCode, detail },
  ]),
);
const REFUSED_PROBLEMS: ReadonlyMap<RefusedCode, HeadProblem> = new Map(
  // As above, of REFUSED.
  Object.entries(REFUSED).map(([code, [status, detail]]) => [
    code as RefusedCode,
    { kind: "refused", status, code: code as RefusedCode, detail },
  ]),
);

/** The problem of a head that breaks that rule. */
export function malformed(code: MalformedCode): HeadProblem {
  return MALFORMED_PROBLEMS.get(code)!; // there is one for each code
}

/** The problem of a head that is answered with a status. */
export function refused(code: RefusedCode): HeadProblem {
  return REFUSED_PROBLEMS.get(code)!; // there is one for each code
}
