import type { CallPolicy } from "@weft/config";
import type { Call, Service } from "@weft/core";
import {
  type Attempts,
  callStack,
  importanceOf,
  retriedStatuses,
  type RunningCalls,
  type StackParts,
} from "@weft/runtime";
import type { HttpExchange } from "../agent/http-exchange.ts";
import type { Connecting } from "../agent/pending-connect.ts";
import type { Attempt, AttemptPorts } from "../dispatch/attempt.ts";
import type { Exchange, ExchangePorts } from "../dispatch/exchange.ts";
import type { TracePorts } from "../trace/trace-ports.ts";

/** The way of a call under one policy: the stack, and what its exchanges and attempts need. */
export interface CallPath {
  readonly service: Service<Exchange, Attempt>;
  /** The same for calls of node:http, whose attempts end when there is a connection. */
  readonly nodeHttp: Service<HttpExchange, Connecting>;
  readonly exchange: ExchangePorts;
  readonly attempt: AttemptPorts;
  /** Methods taken for idempotent; undefined: as RFC 9110 has it. */
  readonly idempotentMethods: readonly string[] | undefined;
}

export interface CallPathPorts {
  readonly running: RunningCalls;
  /** Wall clock, for a Retry-After that is a date. */
  readonly epochMs: () => number;
  readonly transport: Service<Exchange, Attempt>;
  /** Undefined: calls are not traced. */
  readonly trace: TracePorts | undefined;
  readonly ended: ExchangePorts["ended"];
  readonly sessions: ExchangePorts["sessions"];
  readonly reportsLoad: AttemptPorts["reportsLoad"];
}

export function callPath(policy: CallPolicy, parts: StackParts, ports: CallPathPorts): CallPath {
  const { time } = parts.ports;
  const { running, epochMs, transport, trace, ended, sessions, reportsLoad } = ports;
  const statuses = retriedStatuses(policy.retry?.options);
  const maxAttempts = (policy.retry?.options.maxRetries ?? 0) + 1;
  return {
    service: callStack(policy, parts, ATTEMPTS, transport),
    nodeHttp: callStack(policy, parts, CONNECTS, connectRequest),
    exchange: { time, running, trace, ended, sessions, bufferBytes: policy.retry?.bufferBytes ?? 0 },
    attempt: { time, epochMs, mayRetry: (status) => statuses.has(status), maxAttempts, reportsLoad },
    idempotentMethods: policy.retry?.methods,
  };
}

const ATTEMPTS: Attempts<Exchange, Attempt> = {
  resultOf: (attempt: Attempt) => attempt.result,
  // What rejects is a refusal of the mesh itself: no endpoint, no room. Asking again at once changes nothing of it.
  resultOfError: () => undefined,
  repeatable: (exchange: Exchange) => exchange.repeatable,
  hedgeable: (exchange: Exchange) => exchange.hedgeable,
  discard: (attempt: Attempt) => attempt.discard(),
  importanceOf: (exchange: Exchange) => importanceOf(exchange.header("x-priority")),
};

const CONNECTS: Attempts<HttpExchange, Connecting> = {
  resultOf: (connecting) => connecting,
  resultOfError: ATTEMPTS.resultOfError,
  // Nothing of the request has been written before there is a connection.
  repeatable: () => true,
  discard: () => {},
  importanceOf: ({ request }) => importanceOf(request.getHeader("x-priority")?.toString()),
};

/** The transport of calls of node:http: hands the lease of the pick on to the exchange. */
function connectRequest(exchange: HttpExchange, call: Call): Promise<Connecting> {
  const lease = call.lease!; // the pick layer, further out, has just put it there
  call.lease = undefined;
  return exchange.attempt(lease);
}
