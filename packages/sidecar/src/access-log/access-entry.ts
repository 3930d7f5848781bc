/**
 * One finished exchange, for the access log and for whoever counts. Made once, when the last byte is through or will never be.
 *
 * Texts are as they came, latin1 where a caller sent them: the formats make them safe. Only words of closed sets go into a
 * line as they are: `protocol`, `flags`, `end`.
 */
export interface AccessEntry {
  /** `outbound`, `inbound`, `tcp:15432`. */
  readonly listener: string;
  readonly protocol: "HTTP/2" | "HTTP/1.1" | "HTTP/1.0" | "TCP" | "CONNECT" | "upgrade";
  /** Empty for TCP, as are `authority` and `path`. */
  readonly method: string;
  readonly authority: string;
  /** With its query. */
  readonly path: string;
  /** HTTP status the caller was sent; 0: none was. */
  readonly status: number;
  /** What gRPC calls its status, that the caller was told; -1: it was told none, or it is no call of gRPC. */
  readonly grpcStatus: number;
  /** Letters of `RESPONSE_FLAGS`, comma separated: `UF,URX`; empty when nothing went wrong. */
  readonly flags: string;
  /** What led to it in plain words, first cause first; empty when nothing went wrong. */
  readonly why: readonly string[];
  /** Empty when none was found for it, as is `endpoint`. */
  readonly service: string;
  /** Id of the endpoint of the last attempt. */
  readonly endpoint: string;
  /** 0 when it was refused before any. */
  readonly attempts: number;
  /** Wall clock at the first byte of the head, or when the connection was taken (TCP); ms since 1970. */
  readonly startedEpochMs: number;
  /** Until the last byte left, or the exchange was cut. */
  readonly durationMs: number;
  /** From the start until the head of the answer was there; -1: there was none. */
  readonly firstByteMs: number;
  /** Bytes of body from the caller. */
  readonly bytesIn: number;
  /** Bytes of body to the caller. */
  readonly bytesOut: number;
  /** The caller's `address:port`; empty on a unix socket. */
  readonly peer: string;
  /** 32 hexadecimal digits; empty when it was not traced. */
  readonly traceId: string;
  /** Value of `x-request-id`; empty when there was none. */
  readonly requestId: string;
  readonly userAgent: string;
  /** Who ended it: `complete` when all of it went through. */
  readonly end: "complete" | "caller" | "endpoint" | "mesh";
}
