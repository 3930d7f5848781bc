/** Bits of `head.seen`: whether a line of that name came. What is not among them costs a lookup to know. */
export const SEEN = {
  via: 0x1,
  idempotencyKey: 0x2,
  /** x-attempt */
  attempt: 0x4,
  /** x-envoy-expected-rq-timeout-ms */
  expectedTimeout: 0x8,
  grpcTimeout: 0x10,
  priority: 0x20,
  retryAfter: 0x40,
  /** x-no-retry */
  noRetry: 0x80,
  /** x-envoy-overloaded */
  overloaded: 0x100,
  /** x-forwarded-for */
  forwardedFor: 0x200,
  /** x-request-id */
  requestId: 0x400,
  userAgent: 0x800,
  /** cdn-loop */
  cdnLoop: 0x1000,
  tracestate: 0x2000,
  baggage: 0x4000,
  /** b3, or x-b3-spanid, without which the others of that family say nothing. */
  b3: 0x8000,
} as const;
