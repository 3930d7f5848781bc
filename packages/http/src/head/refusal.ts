/** What a server answers to a request that it refuses. A refused response has no status of its own: its caller gets a 502. */
export type RefusalStatus = 400 | 414 | 417 | 431 | 501 | 505;

/** One word for each rule that bytes can break; `refusal` has the words. Rows in docs/http-strictness.md. */
export type RefusalCode =
  // Lines and fields, in heads and in trailers.
  | "bare-lf"
  | "bare-cr"
  | "nul"
  | "control-character"
  | "obs-fold"
  | "space-before-colon"
  | "empty-name"
  | "no-colon"
  | "field-name"
  | "underscore"
  | "head-too-long"
  | "too-many-fields"
  // The request line.
  | "request-line-too-long"
  | "request-line"
  | "method"
  | "target"
  | "fragment"
  | "percent-encoding"
  | "target-form"
  | "scheme"
  | "userinfo"
  | "authority"
  | "connect-port"
  | "malformed-version"
  | "version"
  // Host.
  | "no-host"
  | "two-hosts"
  | "host"
  // How the body is framed.
  | "two-lengths"
  | "content-length"
  | "length-too-large"
  | "length-with-transfer-encoding"
  | "transfer-encoding-in-http-1-0"
  | "chunked-not-last"
  | "transfer-coding"
  | "tab-by-transfer-coding"
  // What the connection is told.
  | "expect"
  | "connection-option"
  | "protected-option"
  // Bodies where none may be, and responses.
  | "forbidden-body"
  | "status-line"
  | "status"
  // Chunks and trailers.
  | "chunk-size"
  | "chunk-too-large"
  | "chunk-end"
  | "chunk-extension"
  | "chunk-extensions-too-long"
  | "forbidden-trailer"
  | "trailers-too-long";

/** Bytes that are not taken for a message. Whoever sent them gets an answer, and then the connection is closed. */
export class Refusal {
  readonly kind = "refusal";
  readonly status: RefusalStatus;
  readonly code: RefusalCode;
  /** What is wrong, in plain words, with the paragraph of the RFC. */
  readonly detail: string;

  constructor(status: RefusalStatus, code: RefusalCode, detail: string) {
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}
