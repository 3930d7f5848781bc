import type { CallPolicy } from "@weft/config";
import {
  adaptiveLimit,
  admission,
  type AdmissionControl,
  attemptTimeout,
  type BalancedCluster,
  type Breaker,
  circuitBreaker,
  type ConcurrencyLimit,
  concurrencyLimit,
  deadline,
  hedge,
  type Hedging,
  type HedgePorts,
  type Importance,
  type Layer,
  pick,
  rateLimit,
  retry,
  type RetryBudget,
  type RetryCap,
  type RetryPorts,
  type Service,
  stack,
  type TokenBucket,
  type Watch,
} from "@weft/core";
import type { Adaptive } from "../service/adaptive-rules.ts";
import type { RouteLimit } from "../service/route-limits.ts";
import type { RuntimePorts } from "../service/runtime-ports.ts";
import { membership } from "./membership-layer.ts";

/** What the layers of one way through a service stand on. Made by its ServiceRuntime. */
export interface StackParts {
  readonly watch: Watch;
  readonly cluster: BalancedCluster;
  /** Undefined: the service has none. */
  readonly breaker: Breaker | undefined;
  readonly rate: TokenBucket | undefined;
  readonly admission: AdmissionControl | undefined;
  readonly adaptive: Adaptive | undefined;
  readonly calls: ConcurrencyLimit;
  /** What bounds the calls of this way beside; undefined: nothing. */
  readonly route: RouteLimit | undefined;
  readonly budget: RetryBudget;
  readonly cap: RetryCap;
  /** Undefined: the policy of this way has none. */
  readonly hedging: Hedging | undefined;
  readonly ports: RuntimePorts;
}

/** What retry and hedge need to know of a home's requests and of what its transport makes of them. */
export interface Attempts<Req, Res> extends Pick<
  RetryPorts<Req, Res>,
  "resultOf" | "resultOfError" | "repeatable" | "discard" | "denied"
> {
  /**
   * Whether the request, with its body, can be sent once more while the first attempt may still be sending it. Absent:
   * the home's attempts bear no second one beside them, and nothing is hedged whatever the policy says.
   */
  readonly hedgeable?: HedgePorts<Req, Res>["repeatable"];
  /** How much it matters that a request gets through. Absent: all alike. */
  readonly importanceOf?: (request: Req) => Importance;
}

/**
 * The layers of one way in their fixed order around a transport.
 *
 * @param policy of the service, or of a rule of it
 * @param transport sends one attempt: takes the lease that it finds in `call.lease`, and gives it back
 */
export function callStack<Req, Res>(
  policy: CallPolicy,
  parts: StackParts,
  attempts: Attempts<Req, Res>,
  transport: Service<Req, Res>,
): Service<Req, Res> {
  const { watch, cluster, breaker, calls, route, rate, adaptive, ports } = parts;
  const { time, events, timeouts, readyMs } = ports;
  const { decisions } = cluster;
  const layers: Layer<Req, Res>[] = [
    deadline(policy.timeout.totalMs, { timeouts }), // covers all attempts, pauses and waits below
    membership(watch, { time, readyMs }), // nothing is known yet: waits here, within the deadline
    ...(rate === undefined ? [] : [rateLimit<Req, Res>(rate, { events, decisions })]), // what is refused for nothing else's sake
    ...admitting(parts, attempts), // outside the breaker: a call that is not sent takes no trial's place
    ...(breaker === undefined ? [] : [circuitBreaker<Req, Res>(breaker, { decisions })]), // judges calls, not attempts
    ...(route === undefined ? [] : [concurrencyLimit<Req, Res>(route.calls, { events, decisions }, "rule")]), // takes no room of the others
    concurrencyLimit(calls, { events, decisions, importanceOf: attempts.importanceOf ?? alike }), // a refused call must not spend retry budget
    ...learning<Req, Res>("service", calls, adaptive), // moves the limit around it
    ...(route === undefined ? [] : learning<Req, Res>("rule", route.calls, route.adaptive)),
    ...retrying(policy, parts, attempts), // around the pick: each attempt may go elsewhere
    ...hedging(parts, attempts), // retry sees both attempts as one
    pick(cluster), // one endpoint, one lease for each attempt
    attemptTimeout({ attemptMs: policy.timeout.attemptMs }, timeouts), // each attempt has its own, counted from the pick
  ];
  return stack(layers, transport);
}

function learning<Req, Res>(
  of: "service" | "rule",
  calls: ConcurrencyLimit,
  adaptive: Adaptive | undefined,
): Layer<Req, Res>[] {
  return adaptive === undefined ? [] : [adaptiveLimit(adaptive.rule, calls, adaptive.most, of)];
}

function admitting<Req, Res>(
  { admission: control, cluster, ports: { random, events } }: StackParts,
  { importanceOf = alike }: Attempts<Req, Res>,
): Layer<Req, Res>[] {
  if (control === undefined) return [];
  const isCritical = (request: Req): boolean => importanceOf(request) === "critical";
  return [admission(control, { random, events, decisions: cluster.decisions, isCritical })];
}

function alike(): Importance {
  return "normal";
}

function retrying<Req, Res>(
  policy: CallPolicy,
  { cluster, budget, cap, ports }: StackParts,
  attempts: Attempts<Req, Res>,
): Layer<Req, Res>[] {
  if (policy.retry === undefined) return [];
  const { time, random, events } = ports;
  const rules = { options: policy.retry.options, budget, cap };
  const { decisions } = cluster;
  return [retry(rules, { ...attempts, clock: time, timer: time, random, events, decisions })];
}

function hedging<Req, Res>(parts: StackParts, attempts: Attempts<Req, Res>): Layer<Req, Res>[] {
  const { hedgeable, resultOf, discard } = attempts;
  if (parts.hedging === undefined || hedgeable === undefined) return [];
  const { cluster, ports } = parts;
  const { time, events, timeouts } = ports;
  return [
    hedge(parts.hedging, {
      clock: time,
      timeouts,
      events,
      decisions: cluster.decisions,
      elsewhere: (call) => cluster.elsewhere(call),
      resultOf,
      repeatable: hedgeable,
      discard,
    }),
  ];
}
