import { Refusal, type RefusalCode, type RefusalStatus } from "./refusal.ts";

/**
 * Each rule that bytes can break: the status, and what is wrong in plain words with the paragraph that says so.
 *
 * The words are fixed: nothing of what the peer sent finds its way into an answer or a log through them.
 */
const RULES: Readonly<Record<RefusalCode, readonly [RefusalStatus, string]>> = {
  // Lines and fields, in heads and in trailers.
  "bare-lf": [400, "a line ends in LF without CR (RFC 9112 2.2)"],
  "bare-cr": [400, "a CR is not followed by LF (RFC 9112 2.2)"],
  nul: [400, "a NUL byte stands in a field value (RFC 9110 5.5)"],
  "control-character": [400, "a control character stands in a field value (RFC 9110 5.5)"],
  "obs-fold": [400, "a field line begins with white space: line folding is obsolete (RFC 9112 5.2)"],
  "space-before-colon": [400, "white space stands between a field name and its colon (RFC 9112 5.1)"],
  "empty-name": [400, "a field line has no name before its colon (RFC 9110 5.1)"],
  "no-colon": [400, "a field line has no colon (RFC 9112 5)"],
  "field-name": [400, "a field name holds a character that no token may hold (RFC 9110 5.1)"],
  underscore: [400, "a field name holds an underscore, which some readers take for a dash (set here to be refused)"],
  "head-too-long": [431, "the head is longer than this listener takes (RFC 6585 5)"],
  "too-many-fields": [431, "there are more fields than this listener takes (RFC 6585 5)"],

  // The request line.
  "request-line-too-long": [414, "the request line is longer than 8 KiB (RFC 9112 3)"],
  "request-line": [400, "the request line is not method, space, target, space, version (RFC 9112 3)"],
  method: [400, "the method is not a token (RFC 9110 9.1)"],
  target: [400, "the request target holds a character that no URI may hold (RFC 9112 3.2, RFC 3986 2)"],
  fragment: [400, "the request target has a fragment (RFC 9112 3.2, RFC 3986 3.5)"],
  "percent-encoding": [400, "a percent sign in the request target is not followed by two hex digits (RFC 3986 2.1)"],
  "target-form": [400, "the form of the request target does not fit the method (RFC 9112 3.2)"],
  scheme: [400, "the request target is a URI whose scheme is neither http nor https (RFC 9112 3.2.2)"],
  userinfo: [400, "the authority carries user information (RFC 9110 4.2.4)"],
  authority: [400, "the authority of the request target is not host or host:port (RFC 9110 4.2)"],
  "connect-port": [400, "the target of CONNECT has no port (RFC 9110 9.3.6)"],
  "malformed-version": [400, "the protocol version is not HTTP/ and two digits around a dot (RFC 9112 2.3)"],
  version: [505, "only HTTP/1.0 and HTTP/1.1 are spoken here (RFC 9110 15.6.6)"],

  // Host.
  "no-host": [400, "an HTTP/1.1 request has no Host field (RFC 9112 3.2)"],
  "two-hosts": [400, "there is more than one Host field (RFC 9112 3.2)"],
  host: [400, "the Host field is not host or host:port (RFC 9112 3.2)"],

  // How the body is framed.
  "two-lengths": [400, "there is more than one Content-Length (RFC 9112 6.3)"],
  "content-length": [400, "Content-Length is not a plain decimal number (RFC 9110 8.6)"],
  "length-too-large": [400, "Content-Length is beyond what can be counted exactly, 2^53 - 1 (RFC 9110 8.6)"],
  "length-with-transfer-encoding": [400, "Content-Length and Transfer-Encoding stand in one message (RFC 9112 6.1)"],
  "transfer-encoding-in-http-1-0": [400, "Transfer-Encoding stands in an HTTP/1.0 message (RFC 9112 6.1)"],
  "chunked-not-last": [400, "chunked is not the last transfer coding, or stands there twice (RFC 9112 6.3)"],
  "transfer-coding": [501, "a transfer coding other than chunked is applied (RFC 9112 6.1)"],
  "tab-by-transfer-coding": [400, "a tab stands beside the transfer coding: not all readers trim it (RFC 9112 6.1)"],

  // What the connection is told.
  expect: [417, "an expectation other than 100-continue (RFC 9110 10.1.1)"],
  "connection-option": [400, "a connection option is not a token (RFC 9110 7.6.1)"],
  "protected-option": [400, "Connection names a field that is not for this hop to drop (RFC 9110 7.6.1)"],

  // Bodies where none may be, and responses.
  "forbidden-body": [
    400,
    "a 1xx or 204 response, or a CONNECT request, announces a body (RFC 9112 6.1, RFC 9110 8.6 and 9.3.6)",
  ],
  "status-line": [400, "the status line is not version, space, three digits, space, reason (RFC 9112 4)"],
  status: [400, "the status code is not in 100..599 (RFC 9110 15)"],

  // Chunks and trailers.
  "chunk-size": [400, "a chunk size is not a hexadecimal number (RFC 9112 7.1)"],
  "chunk-too-large": [
    400,
    "a chunk size is beyond what can be counted exactly, or longer than 16 digits (RFC 9112 7.1)",
  ],
  "chunk-end": [400, "the data of a chunk is not followed by CRLF (RFC 9112 7.1)"],
  "chunk-extension": [400, 'a chunk extension is not ;name, ;name=token or ;name="text" (RFC 9112 7.1.1)'],
  "chunk-extensions-too-long": [400, "the chunk extensions of the body are longer than 16 KiB (RFC 9112 7.1.1)"],
  "forbidden-trailer": [400, "a trailer field frames or routes the message (RFC 9110 6.5.1)"],
  "trailers-too-long": [431, "the trailer section is longer than is taken here (RFC 6585 5)"],
};

/** Every rule's refusal, made once: a flood of bad requests costs no memory. */
export const REFUSALS: readonly Refusal[] = Object.entries(RULES).map(
  // `Object.entries` widens the keys to string; they are those of RULES.
  ([code, [status, detail]]) => new Refusal(status, code as RefusalCode, detail),
);

const BY_CODE: ReadonlyMap<RefusalCode, Refusal> = new Map(REFUSALS.map((refusal) => [refusal.code, refusal]));

/** The refusal by that rule. */
export function refusal(code: RefusalCode): Refusal {
  return BY_CODE.get(code)!; // there is one for each code
}
