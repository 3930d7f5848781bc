import type { CallPolicy } from "@weft/config";
import {
  attemptTimeout,
  type BalancedCluster,
  type Breaker,
  type Call,
  circuitBreaker,
  type ConcurrencyLimit,
  concurrencyLimit,
  deadline,
  type Layer,
  pick,
  retry,
  type RetryBudget,
  type RetryPorts,
  type Service,
  stack,
  type Watch,
} from "@weft/core";
import type { Connecting, HttpExchange } from "../agent/http-exchange.ts";
import type { Attempt, AttemptPorts } from "../dispatch/attempt.ts";
import type { Exchange, ExchangePorts } from "../dispatch/exchange.ts";
import { membership } from "./membership-layer.ts";
import { retriedStatuses } from "./retried-statuses.ts";
import type { RunningCalls } from "./running-calls.ts";
import type { RuntimePorts } from "./runtime-ports.ts";

/** What all ways through one service share, whatever rule a call falls under. */
export interface SharedParts {
  readonly watch: Watch;
  readonly cluster: BalancedCluster;
  readonly breaker: Breaker | undefined;
  readonly calls: ConcurrencyLimit;
  readonly budget: RetryBudget;
  readonly running: RunningCalls;
}

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

export function callPath(
  policy: CallPolicy,
  parts: SharedParts,
  ports: RuntimePorts,
  transport: Service<Exchange, Attempt>,
): CallPath {
  const { time, events, epochMs } = ports;
  const statuses = retriedStatuses(policy.retry?.options);
  return {
    service: stack(layers(policy, parts, ports, ATTEMPTS), transport),
    nodeHttp: stack(layers(policy, parts, ports, CONNECTS), connectRequest),
    exchange: { time, events, running: parts.running, bufferBytes: policy.retry?.bufferBytes ?? 0 },
    attempt: { time, epochMs, mayRetry: (status) => statuses.has(status) },
    idempotentMethods: policy.retry?.methods,
  };
}

/** What retry needs to know of attempts. */
type Attempts<Req, Res> = Pick<RetryPorts<Req, Res>, "resultOf" | "resultOfError" | "repeatable" | "discard">;

function layers<Req, Res>(
  policy: CallPolicy,
  parts: SharedParts,
  ports: RuntimePorts,
  attempts: Attempts<Req, Res>,
): Layer<Req, Res>[] {
  const { time, events, random, timeouts, readyMs } = ports;
  const { watch, cluster, breaker, calls, budget } = parts;
  const { decisions } = cluster;
  return [
    deadline(policy.timeout.totalMs, { timeouts }), // covers all attempts, pauses and waits below
    membership(watch, { time, readyMs }), // nothing is known yet: waits here, within the deadline
    ...(breaker === undefined ? [] : [circuitBreaker<Req, Res>(breaker, { decisions })]), // judges calls, not attempts
    concurrencyLimit(calls, { events, decisions }), // a refused call must not spend retry budget
    ...(policy.retry === undefined // around the pick: each attempt may go elsewhere
      ? []
      : [
          retry<Req, Res>(
            { options: policy.retry.options, budget },
            { clock: time, timer: time, random, events, decisions, ...attempts },
          ),
        ]),
    pick(cluster), // one endpoint, one lease for each attempt
    attemptTimeout({ attemptMs: policy.timeout.attemptMs }, timeouts), // each attempt has its own, counted from the pick
  ];
}

const ATTEMPTS: Attempts<Exchange, Attempt> = {
  resultOf: (attempt: Attempt) => attempt.result,
  // What rejects is a refusal of the mesh itself: no endpoint, no room. Asking again at once changes nothing of it.
  resultOfError: () => undefined,
  repeatable: (exchange: Exchange) => exchange.repeatable,
  discard: (attempt: Attempt) => attempt.discard(),
};

const CONNECTS: Attempts<HttpExchange, Connecting> = {
  resultOf: (connecting) => connecting,
  resultOfError: ATTEMPTS.resultOfError,
  // Nothing of the request has been written before there is a connection.
  repeatable: () => true,
  discard: () => {},
};

/** The transport of calls of node:http: hands the lease of the pick on to the exchange. */
function connectRequest(exchange: HttpExchange, call: Call): Promise<Connecting> {
  const lease = call.lease!; // the pick layer, further out, has just put it there
  call.lease = undefined;
  return exchange.attempt(lease);
}
