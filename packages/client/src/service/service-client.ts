import type { ClientRequest, ClientRequestArgs } from "node:http";
import type { ServicePolicy } from "@weft/config";
import { type Call, tell, type Tracing, type Watch } from "@weft/core";
import { asError, isIdempotent, type Paths, type RuntimePorts, ServiceRuntime } from "@weft/runtime";
import { HttpExchange, type HttpExchangePorts } from "../agent/http-exchange.ts";
import { Attempt } from "../dispatch/attempt.ts";
import type { TlsOptions } from "./dial-tls.ts";
import { Exchange, type ExchangePorts, type Handler, type Sender } from "../dispatch/exchange.ts";
import { OthersDispatcher } from "../dispatch/others-dispatcher.ts";
import { headerOf, rereadable } from "../dispatch/request-headers.ts";
import { PlainExchange } from "../plain/plain-exchange.ts";
import { plainRequest } from "../plain/plain-request.ts";
import type { Dispatcher } from "../undici.ts";
import type { CallOptions } from "./call-options.ts";
import { type CallPath, callPath } from "./call-path.ts";
import { tracePorts } from "../trace/trace-ports.ts";
import { EndpointPools } from "./endpoint-pools.ts";
import { HashedOptions } from "./hashed-options.ts";

/** What all services of a mesh share. */
export interface ClientPorts extends RuntimePorts {
  /** Wall clock, for a Retry-After that is a date. */
  readonly epochMs: () => number;
  readonly tls: TlsOptions;
  /** Undefined: calls are not traced. */
  readonly tracing: Tracing | undefined;
}

/** Calls to one service with undici's dispatch and with node:http: its connections, and a way to them for each policy. */
export class ServiceClient {
  readonly name: string;
  /** What is the same in every home: endpoints, rules, limits, and what was measured. */
  readonly runtime: ServiceRuntime;

  readonly #epochMs: () => number;
  readonly #pools: EndpointPools;
  readonly #paths: Paths<CallPath>;

  constructor(name: string, watch: Watch, policy: ServicePolicy, ports: ClientPorts) {
    const { time, timeouts, tls, epochMs, tracing } = ports;
    const runtime = new ServiceRuntime(name, watch, policy, ports);
    this.name = name;
    this.runtime = runtime;
    this.#epochMs = epochMs;
    this.#pools = new EndpointPools({
      service: name,
      time,
      timeouts,
      tls,
      limit: runtime.connections,
      policy: () => runtime.policy.timeout,
    });
    runtime.onMembership((endpoints) => this.#pools.keep(endpoints));
    const transport = (exchange: Exchange, call: Call): PromiseLike<Attempt> => this.#send(exchange, call);
    const { running } = runtime;
    const ended: ExchangePorts["ended"] = (of, endpoint, traceId) => void runtime.ended(of, "app", endpoint, traceId);
    const reportsLoad = (): boolean => runtime.goesByReports;
    const sessions: ExchangePorts["sessions"] = () => runtime.sessions;
    const shared = { running, epochMs, transport, ended, trace: tracePorts(tracing, runtime), reportsLoad, sessions };
    this.#paths = runtime.paths((own, parts) => callPath(own, parts, shared));
  }

  /**
   * Makes one call, and tells `handler` what comes of it. Never throws.
   *
   * @param secure whether endpoints are spoken to over TLS
   */
  dispatch(
    asked: Dispatcher.DispatchOptions,
    handler: Handler,
    secure: boolean,
    own: CallOptions | undefined,
    sender?: Sender,
  ): void {
    const { runtime } = this;
    const headers = rereadable(asked.headers);
    const options = headers === asked.headers ? asked : { ...asked, headers };
    const { method } = options;
    const path = this.#paths.unruled ?? this.#ruled(options);
    const call = runtime.newCall(own?.idempotent ?? isIdempotent(method, path.idempotentMethods, headers, headerOf));
    const { hashKeys, sessions } = runtime;
    if (hashKeys !== undefined) call.hash = hashKeys.of(new HashedOptions(options));
    if (sessions !== undefined) call.session = sessions.read([headerOf(headers, "cookie") ?? ""]);
    if (own?.timeoutMs !== undefined) call.tighten(call.startedMs + own.timeoutMs);
    const exchange = new Exchange(call, options, handler, path, secure, sender);
    runtime.running.add(exchange);
    exchange.begin();
    if (exchange.ended) return;
    if (runtime.closed) exchange.fail(runtime.closedError(), "mesh");
    else tell(path.service(exchange, call), exchange);
  }

  /**
   * Makes one call with node:http. Never throws: what goes wrong is the request's `error`.
   *
   * @param given headers as given with the request: `request` does not show those given as an array
   * @param connect gets the request a connection to the endpoint picked
   */
  sendHttp(request: ClientRequest, given: ClientRequestArgs["headers"], connect: HttpExchangePorts["connect"]): void {
    const { runtime } = this;
    const { method } = request;
    // The forms that node:http takes headers in are among those that undici does.
    const headers = Array.isArray(given)
      ? given.flat()
      : (request.getHeaders() as Dispatcher.DispatchOptions["headers"]);
    const path = this.#paths.unruled ?? this.#ruled({ method, headers, path: request.path });
    const call = runtime.newCall(isIdempotent(method, path.idempotentMethods, headers, headerOf));
    const { hashKeys, sessions } = runtime;
    if (hashKeys !== undefined) call.hash = hashKeys.of(new HashedOptions({ path: request.path, headers }));
    if (sessions !== undefined) call.session = sessions.read([headerOf(headers, "cookie") ?? ""]);
    const { reportsLoad } = path.attempt;
    const exchange = new HttpExchange(request, call, {
      ...path.exchange,
      epochMs: this.#epochMs,
      connect,
      reportsLoad,
    });
    runtime.running.add(exchange);
    exchange.begin();
    if (runtime.closed) exchange.fail(runtime.closedError());
    else
      path.nodeHttp(exchange, call).then(
        (connecting) => exchange.settle(connecting),
        (error: unknown) => exchange.fail(error),
      );
  }

  /** Takes no new call; cuts what still runs after `drainMs`. Resolves when every call and connection has ended. */
  async close(drainMs: number): Promise<void> {
    await this.runtime.close(drainMs);
    this.#pools.destroy();
  }

  /** The transport: sends one attempt to the endpoint that was picked. */
  #send(exchange: Exchange, call: Call): PromiseLike<Attempt> {
    const lease = call.lease!; // the pick layer, further out, has just put it there
    call.lease = undefined;
    const attempt = new Attempt(exchange, lease);
    try {
      const headers = exchange.begins(attempt);
      const send = (): void => this.#sendBy(exchange, attempt, headers);
      if (exchange.traced === undefined) send();
      else exchange.traced.within(send);
    } catch (error) {
      // Headers may have getters of the caller's; another's dispatcher may throw for any reason.
      attempt.onResponseError(null, asError(error));
    }
    return attempt.done;
  }

  /** By a connection of ours, by one of undici's what asks more of it, or by somebody else's dispatcher. */
  #sendBy(exchange: Exchange, attempt: Attempt, headers: Dispatcher.DispatchOptions["headers"]): void {
    const { lease } = attempt;
    const { options, secure, metClosed, sender } = exchange;
    if (sender !== undefined) {
      const others = new OthersDispatcher(sender);
      attempt.link = others;
      others.send(lease.endpoint, { ...options, headers }, attempt);
      return;
    }
    const ways = this.#pools.of(lease.endpoint, secure);
    const request = plainRequest(options, headers, this.name);
    let sent: boolean;
    if (request === undefined) {
      const connection = this.#pools.take(ways, metClosed);
      attempt.link = connection;
      connection?.send(options, headers, attempt);
      sent = connection !== undefined;
    } else {
      const bounded =
        exchange.call.deadlineMs < Number.POSITIVE_INFINITY ||
        this.runtime.policy.timeout.attemptMs < Number.POSITIVE_INFINITY;
      const plain = new PlainExchange(request, attempt, bounded ? ways.bounded : ways.unbounded);
      attempt.link = plain;
      sent = this.#pools.send(ways, plain, lease.startedMs, metClosed);
    }
    if (!sent) attempt.refuse(this.runtime.noConnection());
  }

  #ruled({ method, path, headers }: Pick<Dispatcher.DispatchOptions, "method" | "path" | "headers">): CallPath {
    return this.#paths.of({ method, path, header: (name) => headerOf(headers, name) });
  }
}
