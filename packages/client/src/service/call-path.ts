import type { CallPolicy } from "@weft/config";
import {
  attemptTimeout,
  type BalancedCluster,
  type Breaker,
  circuitBreaker,
  type ConcurrencyLimit,
  concurrencyLimit,
  deadline,
  type Layer,
  pick,
  retry,
  type RetryBudget,
  type Service,
  stack,
  type Watch,
} from "@weft/core";
import type { Attempt, AttemptPorts } from "../dispatch/attempt.ts";
import type { Exchange, ExchangePorts } from "../dispatch/exchange.ts";
import { membership } from "./membership-layer.ts";
import { retriedStatuses } from "./retried-statuses.ts";
import type { RunningCalls } from "./running-calls.ts";
import type { RuntimePorts } from "./service-runtime.ts";

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
    service: stack(layers(policy, parts, ports), transport),
    exchange: { time, events, running: parts.running, bufferBytes: policy.retry?.bufferBytes ?? 0 },
    attempt: { time, epochMs, mayRetry: (status) => statuses.has(status) },
    idempotentMethods: policy.retry?.methods,
  };
}

function layers(policy: CallPolicy, parts: SharedParts, ports: RuntimePorts): Layer<Exchange, Attempt>[] {
  const { time, events, random, timeouts, readyMs } = ports;
  const { watch, cluster, breaker, calls, budget } = parts;
  const { decisions } = cluster;
  return [
    deadline(policy.timeout.totalMs, { clock: time, timeouts }), // covers all attempts, pauses and waits below
    membership(watch, { time, readyMs }), // nothing is known yet: waits here, within the deadline
    ...(breaker === undefined ? [] : [circuitBreaker<Exchange, Attempt>(breaker, { clock: time, decisions })]), // judges calls, not attempts
    concurrencyLimit(calls, { events, decisions }), // a refused call must not spend retry budget
    ...(policy.retry === undefined // around the pick: each attempt may go elsewhere
      ? []
      : [
          retry<Exchange, Attempt>(
            { options: policy.retry.options, budget },
            { clock: time, timer: time, random, events, decisions, ...ATTEMPTS },
          ),
        ]),
    pick(cluster), // one endpoint, one lease for each attempt
    attemptTimeout({ attemptMs: policy.timeout.attemptMs }, timeouts), // each attempt has its own, counted from the pick
  ];
}

const ATTEMPTS = {
  resultOf: (attempt: Attempt) => attempt.result,
  // What rejects is a refusal of the mesh itself: no endpoint, no room. Asking again at once changes nothing of it.
  resultOfError: () => undefined,
  repeatable: (exchange: Exchange) => exchange.repeatable,
  discard: (attempt: Attempt) => attempt.discard(),
};
