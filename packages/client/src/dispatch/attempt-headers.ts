import { ATTEMPT_FIELD, attemptText, type Call, type Endpoint, type Lease } from "@weft/core";
import { isOnThisMachine } from "@weft/runtime";
import type { TracedExchange } from "../trace/traced-exchange.ts";
import type { Dispatcher } from "../undici.ts";
import { withDeadline } from "./deadline-header.ts";
import { withHeader, withHeaders } from "./request-headers.ts";

type Headers = Dispatcher.DispatchOptions["headers"];

/** What is said of an exchange in the headers of its attempts. */
export interface Described {
  readonly call: Pick<Call, "deadlineMs" | "startedMs">;
  /** As the caller gave them. */
  readonly options: { readonly headers?: Headers };
  readonly traced: Pick<TracedExchange, "headers"> | undefined;
  readonly attemptPorts: { readonly maxAttempts: number };
}

interface Sent extends Pick<Lease, "attempt" | "startedMs"> {
  readonly endpoint: Pick<Endpoint, "host">;
}

/**
 * The headers to send with an attempt: the caller's, which attempt it is, how long its answer is still waited for, and
 * the trace it is in. The caller's own are left as they are.
 */
export function attemptHeaders(
  { call, options, traced, attemptPorts }: Described,
  { attempt, endpoint, startedMs }: Sent,
): Headers {
  let { headers } = options;
  // From its second attempt on, a call says so on this machine: a sidecar that repeats calls leaves that to us then.
  if (attempt > 1 && isOnThisMachine(endpoint.host))
    headers = withHeader(headers, ATTEMPT_FIELD, attemptText(attempt, attemptPorts.maxAttempts, "sdk"));
  if (call.deadlineMs !== Number.POSITIVE_INFINITY)
    headers = withDeadline(headers, call.deadlineMs - startedMs, startedMs - call.startedMs);
  if (traced === undefined) return headers;
  const fields = traced.headers(attempt);
  return fields.length > 0 ? withHeaders(headers, fields) : headers;
}
