import { isDeepStrictEqual } from "node:util";
import type { ServicePolicy } from "@weft/config";
import {
  attemptTimeout,
  type AttemptTimeoutRules,
  BalancedCluster,
  type Breaker,
  circuitBreaker,
  CircuitBreaker,
  ConcurrencyLimit,
  concurrencyLimit,
  deadline,
  DecisionLog,
  type Endpoint,
  type Events,
  type Freshness,
  type Layer,
  MeshError,
  OngoingCall,
  pick,
  type Random,
  retry,
  retryBudget,
  type RetryBudget,
  type RetryRules,
  type Service,
  stack,
  type Time,
  TimeoutQueues,
  type Watch,
} from "@weft/core";
import { Attempt, type AttemptPorts } from "../dispatch/attempt.ts";
import type { TlsOptions } from "../dispatch/connection.ts";
import { EndpointConnections } from "../dispatch/endpoint-connections.ts";
import { addressOf, Exchange, type ExchangePorts, type Handler, type Sender } from "../dispatch/exchange.ts";
import { isIdempotent } from "../dispatch/idempotence.ts";
import type { Dispatcher } from "../undici.ts";
import type { CallOptions } from "./call-options.ts";
import { membership } from "./membership-layer.ts";
import { pickerOf } from "./picker-of.ts";
import { RunningCalls } from "./running-calls.ts";
import { retriedStatuses } from "./retried-statuses.ts";

/** What all services of a mesh share. */
export interface RuntimePorts {
  readonly time: Time;
  readonly random: Random;
  readonly events: Events;
  readonly epochMs: () => number;
  readonly timeouts: TimeoutQueues;
  readonly tls: TlsOptions;
  /** How long a call waits for the registry's first answer, in ms. */
  readonly readyMs: number;
  readonly nextCall: () => number;
}

/**
 * One service as its callers see it: cluster, rules and connections, and the stack that every call goes through.
 */
export class ServiceRuntime {
  readonly name: string;
  readonly cluster: BalancedCluster;
  readonly watch: Watch;
  readonly calls: ConcurrencyLimit;
  readonly connections: ConcurrencyLimit;

  readonly #ports: RuntimePorts;
  readonly #decisions = new DecisionLog();
  readonly #pools = new Map<string, EndpointConnections>();
  readonly #running = new RunningCalls();
  readonly #stopWatching: () => void;
  #policy: ServicePolicy;
  #breaker: CircuitBreaker | undefined = undefined;
  #budget: RetryBudget | undefined = undefined;
  #service: Service<Exchange, Attempt>;
  #attemptPorts: AttemptPorts;
  #exchangePorts: ExchangePorts;
  #closed = false;

  constructor(name: string, watch: Watch, policy: ServicePolicy, ports: RuntimePorts) {
    const { time, random, events } = ports;
    this.name = name;
    this.watch = watch;
    this.#policy = policy;
    this.#ports = ports;
    this.cluster = new BalancedCluster({ service: name, clock: time, random, events, decisions: this.#decisions });
    this.calls = new ConcurrencyLimit("limits.calls", policy.limits.calls);
    this.connections = new ConcurrencyLimit("limits.connections", policy.limits.connections);
    this.#attemptPorts = this.#exchangePorts = undefined as never; // made by #apply, with the stack they belong to
    this.#service = this.#apply(policy, undefined);
    const follow = (): void => this.#follow();
    this.#stopWatching = watch.subscribe(follow);
    if (watch.membership.freshness.kind !== "pending") follow();
  }

  get policy(): ServicePolicy {
    return this.#policy;
  }

  get breaker(): Breaker | undefined {
    return this.#breaker;
  }

  /** Retries left in the budget; undefined when the service has none. */
  get retriesLeft(): number | undefined {
    return this.#policy.retry && this.#budget?.remaining(this.#ports.time.nowMs());
  }

  get freshness(): Freshness {
    return this.watch.membership.freshness;
  }

  /** Changes the rules for calls from now on; measurements, ejections and connections stay. */
  configure(policy: ServicePolicy): void {
    const before = this.#policy;
    this.#policy = policy;
    this.#service = this.#apply(policy, before);
  }

  /**
   * Makes one call, and tells `handler` what comes of it. Never throws.
   *
   * @param secure whether endpoints are spoken to over TLS
   */
  dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Handler,
    secure: boolean,
    own: CallOptions | undefined,
    sender?: Sender,
  ): void {
    const { time, nextCall } = this.#ports;
    const idempotent = own?.idempotent ?? isIdempotent(options);
    const call = new OngoingCall(nextCall(), this.name, time.nowMs(), idempotent);
    const exchange = new Exchange(call, options, handler, this.#exchangePorts, secure, sender);
    if (own?.timeoutMs !== undefined) call.tighten(call.startedMs + own.timeoutMs);
    handler.onRequestStart?.(exchange, {});
    if (exchange.ended) return;
    if (this.#closed) {
      exchange.fail(closedError(this.name), "mesh");
      return;
    }
    this.#running.add(call);
    this.#service(exchange, call).then(settle, (error: unknown) => exchange.fail(error, "mesh"));
  }

  /** Begins a call of another kind of client, such as node:http's, which runs the layers it can itself. */
  newCall(idempotent: boolean): OngoingCall {
    return new OngoingCall(this.#ports.nextCall(), this.name, this.#ports.time.nowMs(), idempotent);
  }

  /** Takes no new call; cuts what still runs after `drainMs`. Resolves when every call and connection has ended. */
  async close(drainMs: number): Promise<void> {
    this.#closed = true;
    this.#stopWatching();
    this.watch.close();
    const cut = (): void => this.#running.cut(() => closedError(this.name));
    const disarm = drainMs > 0 ? this.#ports.time.after(drainMs, cut) : cut();
    await this.#running.ended();
    disarm?.();
    for (const pool of this.#pools.values()) pool.destroy();
    this.#pools.clear();
  }

  #apply(policy: ServicePolicy, before: ServicePolicy | undefined): Service<Exchange, Attempt> {
    const { time, events, epochMs } = this.#ports;
    this.cluster.configure({
      ...(before?.balancer === policy.balancer ? {} : { picker: pickerOf(policy.balancer) }),
      outliers: policy.outliers,
      callsPerEndpoint: policy.limits.callsPerEndpoint,
    });
    this.calls.most = policy.limits.calls;
    this.connections.most = policy.limits.connections;
    if (before === undefined || !isDeepStrictEqual(before.breaker, policy.breaker)) {
      this.#breaker =
        policy.breaker &&
        new CircuitBreaker(policy.breaker, (from, to, why) => {
          events.emit("breaker.changed", { service: this.name, from, to, why });
        });
    }
    if (policy.retry !== undefined && !isDeepStrictEqual(before?.retry?.budget, policy.retry.budget)) {
      this.#budget = retryBudget(policy.retry.budget);
    }
    const statuses = retriedStatuses(policy.retry?.options);
    this.#attemptPorts = { time, epochMs, mayRetry: (status) => statuses.has(status) };
    const bufferBytes = policy.retry?.bufferBytes ?? 0;
    this.#exchangePorts = { time, events, bufferBytes, running: this.#running };
    return stack(this.#layers(policy), (exchange, call) => this.#send(exchange, call));
  }

  #layers(policy: ServicePolicy): Layer<Exchange, Attempt>[] {
    const { time, events, random, timeouts, readyMs } = this.#ports;
    const decisions = this.#decisions;
    const attempts: AttemptTimeoutRules = { attemptMs: policy.timeout.attemptMs };
    const layers: Layer<Exchange, Attempt>[] = [
      deadline(policy.timeout.totalMs, { clock: time, timeouts }), // covers all attempts, pauses and waits below
      membership(this.watch, { time, readyMs }), // a call that cannot know any endpoint yet waits here, within its deadline
    ];
    // Judges the call as its caller sees it, after retries.
    if (this.#breaker !== undefined) layers.push(circuitBreaker(this.#breaker, { clock: time, decisions }));
    layers.push(concurrencyLimit(this.calls, { events, decisions })); // a refused call must not spend retry budget
    if (policy.retry !== undefined) {
      const rules: RetryRules = { options: policy.retry.options, budget: this.#budget! };
      layers.push(retry(rules, { clock: time, timer: time, random, events, decisions, ...ATTEMPTS })); // around the pick: each attempt may go elsewhere
    }
    layers.push(pick(this.cluster)); // one endpoint, one lease for each attempt
    layers.push(attemptTimeout(attempts, timeouts)); // each attempt has its own, counted from the pick
    return layers;
  }

  /** The transport: sends one attempt to the endpoint that was picked. */
  #send(exchange: Exchange, call: { lease: OngoingCall["lease"] }): Promise<Attempt> {
    const lease = call.lease!; // the pick layer, right outside, has just put it there
    call.lease = undefined;
    if (exchange.sender !== undefined) {
      const attempt = new Attempt(exchange, lease, this.#attemptPorts);
      exchange.sender(lease.endpoint, exchange.options, attempt);
      return attempt.done;
    }
    const pool = this.#poolOf(lease.endpoint, exchange.secure);
    const connection = pool.take() ?? (this.#makeRoom() ? pool.take() : undefined);
    const attempt = new Attempt(exchange, lease, this.#attemptPorts, pool, connection);
    if (connection === undefined) attempt.refuse(this.#noConnection());
    else connection.client.dispatch(exchange.options, attempt);
    return attempt.done;
  }

  #poolOf(endpoint: Endpoint, secure: boolean): EndpointConnections {
    const key = secure ? `${endpoint.id} tls` : endpoint.id;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const { time, tls } = this.#ports;
    const { connectMs, idleMs } = this.#policy.timeout;
    const pool = new EndpointConnections(
      {
        origin: `${secure ? "https" : "http"}://${this.name}`,
        endpoint,
        time,
        connectMs,
        bodyMs: idleMs === Number.POSITIVE_INFINITY ? 0 : idleMs,
        tls,
      },
      this.connections,
    );
    this.#pools.set(key, pool);
    return pool;
  }

  #makeRoom(): boolean {
    for (const pool of this.#pools.values()) if (pool.dropIdle()) return true;
    return false;
  }

  #noConnection(): MeshError {
    const { name, most } = this.connections;
    this.#ports.events.emit("limit.reached", { service: this.name, limit: name, value: most });
    return new MeshError("OVERLOADED", `${name}: all ${most} are in use; raise it or send fewer at once`, {
      service: this.name,
      neverSent: true,
    });
  }

  /** Takes over what the registry says; the connections to endpoints that left end when they fall idle. */
  #follow(): void {
    const { endpoints } = this.watch.membership;
    this.cluster.update(endpoints);
    const present = new Map(endpoints.map((endpoint) => [endpoint.id, addressOf(endpoint)]));
    for (const [key, pool] of this.#pools) {
      const id = key.endsWith(" tls") ? key.slice(0, -4) : key;
      if (present.get(id) === pool.address) continue;
      this.#pools.delete(key);
      void pool.close();
    }
  }
}

const ATTEMPTS = {
  resultOf: (attempt: Attempt) => attempt.result,
  // What rejects is a refusal of the mesh itself: no endpoint, no room. Asking again at once changes nothing of it.
  resultOfError: () => undefined,
  repeatable: (exchange: Exchange) => exchange.repeatable,
  discard: (attempt: Attempt) => attempt.discard(),
};

function settle(attempt: Attempt): void {
  attempt.settle();
}

function closedError(service: string): MeshError {
  return new MeshError("CLOSED", "the mesh was closed", { service, neverSent: true });
}
