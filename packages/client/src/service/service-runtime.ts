import type { ClientRequest, ClientRequestArgs } from "node:http";
import { isDeepStrictEqual } from "node:util";
import { matchRule, type ServicePolicy } from "@weft/config";
import {
  BalancedCluster,
  type Breaker,
  type BreakerState,
  type Call,
  CircuitBreaker,
  ConcurrencyLimit,
  type Freshness,
  MeshError,
  OngoingCall,
  retryBudget,
  type RetryBudget,
  type Time,
  type Watch,
} from "@weft/core";
import { HttpExchange, type HttpExchangePorts } from "../agent/http-exchange.ts";
import { Attempt } from "../dispatch/attempt.ts";
import { Exchange, type Handler, type Sender } from "../dispatch/exchange.ts";
import { isIdempotent } from "../dispatch/idempotence.ts";
import { headerOf } from "../dispatch/request-headers.ts";
import type { Dispatcher } from "../undici.ts";
import type { OtherBreaker } from "../mesh-options.ts";
import type { CallOptions } from "./call-options.ts";
import { type CallPath, callPath } from "./call-path.ts";
import { EndpointPools } from "./endpoint-pools.ts";
import { pickerOf } from "./picker-of.ts";
import { RunningCalls } from "./running-calls.ts";
import type { RuntimePorts } from "./runtime-ports.ts";

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
  readonly #pools: EndpointPools;
  readonly #running = new RunningCalls();
  readonly #stopWatching: () => void;
  #policy: ServicePolicy;
  #breaker: Breaker | undefined;
  #otherBreaker: OtherBreaker | undefined = undefined;
  #budget: RetryBudget;
  #path: CallPath;
  #ruled: ReadonlyMap<object, CallPath>;
  #closed = false;

  constructor(name: string, watch: Watch, policy: ServicePolicy, ports: RuntimePorts) {
    const { time, random, events, tls } = ports;
    this.name = name;
    this.watch = watch;
    this.#policy = policy;
    this.#ports = ports;
    this.cluster = new BalancedCluster({ service: name, clock: time, random, events, policy: clusterPolicy(policy) });
    this.calls = new ConcurrencyLimit("limits.calls", policy.limits.calls);
    this.connections = new ConcurrencyLimit("limits.connections", policy.limits.connections);
    this.#pools = new EndpointPools({
      service: name,
      time,
      tls,
      limit: this.connections,
      timeouts: () => this.#policy.timeout,
    });
    this.#breaker = this.#makeBreaker();
    this.#budget = retryBudget(policy.retry?.budget);
    this.#path = this.#pathOf(policy);
    this.#ruled = this.#rulePaths();
    const follow = (): void => this.#follow();
    this.#stopWatching = watch.subscribe(follow);
    if (watch.membership.freshness.kind !== "pending") follow();
  }

  get policy(): ServicePolicy {
    return this.#policy;
  }

  /** Undefined: the service has none. */
  get breaker(): BreakerState | undefined {
    return this.#breaker?.state;
  }

  /** Retries left in the budget; undefined when the service has none. */
  get retriesLeft(): number | undefined {
    return this.#policy.retry && this.#budget.remaining(this.#ports.time.nowMs());
  }

  get time(): Time {
    return this.#ports.time;
  }

  get freshness(): Freshness {
    return this.watch.membership.freshness;
  }

  /** Changes the rules for calls from now on; measurements, ejections and connections stay. */
  configure(policy: ServicePolicy): void {
    const before = this.#policy;
    if (isDeepStrictEqual(before, policy)) return;
    this.#policy = policy;
    const { picker, ...rules } = clusterPolicy(policy);
    this.cluster.configure(before.balancer === policy.balancer ? rules : { ...rules, picker });
    this.calls.most = policy.limits.calls;
    this.connections.most = policy.limits.connections;
    if (!isDeepStrictEqual(before.breaker, policy.breaker)) this.#breaker = this.#makeBreaker();
    if (!isDeepStrictEqual(before.retry?.budget, policy.retry?.budget))
      this.#budget = retryBudget(policy.retry?.budget);
    this.#path = this.#pathOf(policy);
    this.#ruled = this.#rulePaths();
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
    const path = this.#ruled.size === 0 ? this.#path : this.#pathFor(options);
    const call = this.newCall(own?.idempotent ?? isIdempotent(options, path.idempotentMethods));
    if (own?.timeoutMs !== undefined) call.tighten(call.startedMs + own.timeoutMs);
    const exchange = new Exchange(call, options, handler, path, secure, sender);
    this.#running.add(exchange);
    exchange.begin();
    if (exchange.ended) return;
    if (this.#closed) exchange.fail(this.#closedError(), "mesh");
    else path.service(exchange, call).then(settle, (error: unknown) => exchange.fail(error, "mesh"));
  }

  /**
   * Makes one call with node:http. Never throws: what goes wrong is the request's `error`.
   *
   * @param headers as given with the request: `request` does not show those given as an array
   * @param connect gets the request a connection to the endpoint picked
   */
  sendHttp(request: ClientRequest, headers: ClientRequestArgs["headers"], connect: HttpExchangePorts["connect"]): void {
    const { method } = request;
    // The forms that node:http takes headers in are among those that undici does.
    const given = Array.isArray(headers)
      ? { method, headers: headers.flat() }
      : { method, headers: request.getHeaders() as Dispatcher.DispatchOptions["headers"] };
    const path = this.#ruled.size === 0 ? this.#path : this.#pathFor({ ...given, path: request.path });
    const call = this.newCall(isIdempotent(given, path.idempotentMethods));
    const exchange = new HttpExchange(request, call, { ...path.exchange, epochMs: this.#ports.epochMs, connect });
    this.#running.add(exchange);
    exchange.begin();
    if (this.#closed) exchange.fail(this.#closedError());
    else
      path.nodeHttp(exchange, call).then(
        (connecting) => exchange.settle(connecting),
        (error: unknown) => exchange.fail(error),
      );
  }

  /** Begins a call. Who does so ends it with `finish`. */
  newCall(idempotent: boolean): OngoingCall {
    return new OngoingCall(this.#ports.nextCall(), this.name, this.#ports.time.nowMs(), idempotent);
  }

  /** Takes no new call; cuts what still runs after `drainMs`. Resolves when every call and connection has ended. */
  async close(drainMs: number): Promise<void> {
    this.#closed = true;
    this.#stopWatching();
    this.watch.close();
    const cut = (): void => this.#running.cut(() => this.#closedError());
    const disarm = drainMs > 0 ? this.#ports.time.after(drainMs, cut) : cut();
    await this.#running.ended();
    disarm?.();
    this.#pools.destroy();
    this.#otherBreaker?.close?.();
  }

  /** The transport: sends one attempt to the endpoint that was picked. */
  #send(exchange: Exchange, call: Call): PromiseLike<Attempt> {
    const lease = call.lease!; // the pick layer, further out, has just put it there
    call.lease = undefined;
    if (exchange.sender !== undefined) {
      const attempt = new Attempt(exchange, lease);
      try {
        exchange.sender(lease.endpoint, exchange.options, attempt);
      } catch (error) {
        attempt.onResponseError(null, error instanceof Error ? error : new Error(String(error)));
      }
      return attempt.done;
    }
    const pool = this.#pools.of(lease.endpoint, exchange.secure);
    const connection = this.#pools.take(pool);
    const attempt = new Attempt(exchange, lease, pool, connection);
    if (connection === undefined) attempt.refuse(this.noConnection());
    else connection.client.dispatch(exchange.options, attempt);
    return attempt.done;
  }

  #pathFor(options: Pick<Dispatcher.DispatchOptions, "method" | "path" | "headers">): CallPath {
    const { method, path, headers } = options;
    const rule = matchRule(this.#policy.rules, { method, path, header: (name) => headerOf(headers, name) });
    return (rule && this.#ruled.get(rule)) ?? this.#path;
  }

  #rulePaths(): ReadonlyMap<object, CallPath> {
    return new Map(this.#policy.rules.map((rule) => [rule, this.#pathOf(rule.policy)]));
  }

  #pathOf(policy: Parameters<typeof callPath>[0]): CallPath {
    const parts = {
      watch: this.watch,
      cluster: this.cluster,
      breaker: this.#breaker,
      calls: this.calls,
      budget: this.#budget,
      running: this.#running,
    };
    return callPath(policy, parts, this.#ports, (exchange, call) => this.#send(exchange, call));
  }

  #makeBreaker(): Breaker | undefined {
    const { breaker } = this.#policy;
    const { time, events, breakers } = this.#ports;
    if (Object.hasOwn(breakers, this.name)) {
      return (this.#otherBreaker ??= breakers[this.name]!({ clock: time, events })).breaker;
    }
    return (
      breaker &&
      new CircuitBreaker(breaker, (from, to, why) => {
        events.emit("breaker.changed", { service: this.name, from, to, why });
      })
    );
  }

  /** The error for a call that finds `limits.connections` reached. */
  noConnection(): MeshError {
    const { name, most } = this.connections;
    this.#ports.events.emit("limit.reached", { service: this.name, limit: name, value: most });
    return new MeshError("OVERLOADED", `${name}: all ${most} are in use; raise it or send fewer at once`, {
      service: this.name,
      neverSent: true,
    });
  }

  #follow(): void {
    const { endpoints } = this.watch.membership;
    this.cluster.update(endpoints);
    this.#pools.keep(endpoints);
  }

  #closedError(): MeshError {
    return new MeshError("CLOSED", "the mesh was closed", { service: this.name, neverSent: true });
  }
}

function clusterPolicy({ balancer, outliers, limits }: ServicePolicy): {
  picker: ReturnType<typeof pickerOf>;
  outliers: ServicePolicy["outliers"];
  callsPerEndpoint: number;
} {
  return { picker: pickerOf(balancer), outliers, callsPerEndpoint: limits.callsPerEndpoint };
}

function settle(attempt: Attempt): void {
  attempt.settle();
}
