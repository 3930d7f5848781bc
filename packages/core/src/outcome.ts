/** How one attempt went, as far as the endpoint is to blame. */
export type Outcome =
  | { readonly kind: "success" }
  | {
      readonly kind: "failure";
      readonly reason: FailureReason;
      /** The endpoint asked to be left alone for so long (Retry-After, gRPC pushback), in ms. 0: it did not. */
      readonly holdMs: number;
    }
  /** Says nothing about the endpoint: the caller went away, or the mesh gave the attempt up for its own reasons. */
  | { readonly kind: "ignored" };

export type FailureReason =
  | "connect" // refused, unreachable, name unknown, TLS failed, connect timeout: nothing was sent
  | "reset" // the connection ended before a response
  | "timeout" // no response head in time
  | "server-error" // 5xx but 501 and 505; gRPC 14, 13, 2, 4
  | "overloaded" // 429, gRPC 8: counts in the score, never ejects
  | "protocol" // bytes that are no response
  | "truncated"; // the connection ended inside the response's body

export const SUCCESS: Outcome = Object.freeze({ kind: "success" });
export const IGNORED: Outcome = Object.freeze({ kind: "ignored" });

const FAILURES: Readonly<Record<FailureReason, Outcome>> = {
  connect: Object.freeze({ kind: "failure", reason: "connect", holdMs: 0 }),
  reset: Object.freeze({ kind: "failure", reason: "reset", holdMs: 0 }),
  timeout: Object.freeze({ kind: "failure", reason: "timeout", holdMs: 0 }),
  "server-error": Object.freeze({ kind: "failure", reason: "server-error", holdMs: 0 }),
  overloaded: Object.freeze({ kind: "failure", reason: "overloaded", holdMs: 0 }),
  protocol: Object.freeze({ kind: "failure", reason: "protocol", holdMs: 0 }),
  truncated: Object.freeze({ kind: "failure", reason: "truncated", holdMs: 0 }),
};

/**
 * A failed attempt. The same object for the same reason, so that a failing service costs no memory.
 *
 * @param holdMs how long the endpoint asked to be left alone, >= 0
 */
export function failure(reason: FailureReason, holdMs = 0): Outcome {
  return holdMs > 0 ? { kind: "failure", reason, holdMs } : FAILURES[reason];
}

/**
 * What an HTTP status says of the endpoint that sent it.
 *
 * 501 and 505 are answers about the request, not about the endpoint's health. Source: reference 2.4, 2.9.
 */
export function outcomeOfStatus(status: number, holdMs = 0): Outcome {
  if (status < 429) return SUCCESS;
  if (status === 429) return failure("overloaded", holdMs);
  if (status < 500 || status === 501 || status === 505) return SUCCESS;
  return failure("server-error", holdMs);
}

/** How the reason stands in events and messages, after a count: `5 consecutive connect failures`. */
export const FAILURE_WORDS: Readonly<Record<FailureReason, string>> = {
  connect: "connect failures",
  reset: "resets before a response",
  timeout: "timeouts",
  "server-error": "5xx answers",
  overloaded: "overload answers",
  protocol: "unreadable answers",
  truncated: "truncated answers",
};
