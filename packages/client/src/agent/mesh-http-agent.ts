import type { ClientRequest, ClientRequestArgs } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { authority, type Endpoint } from "@weft/core";
import type { Destination } from "../mesh-dispatcher.ts";
import type { Destinations } from "../service/destinations.ts";
import type { ServiceClient } from "../service/service-client.ts";
import { http } from "../undici/node-http.ts";
import { dial } from "./dial.ts";
import type { HttpExchange } from "./http-exchange.ts";

/** The class's own way of giving requests connections. node:http calls it on every agent; its types leave it out. */
const plain = http.Agent.prototype as unknown as { addRequest(request: ClientRequest, options: RequestOptions): void };

/** For whom a connection is made; rides along in the options that node:http hands from method to method. */
const TARGET: unique symbol = Symbol("weft.target");

interface Target {
  readonly service: ServiceClient;
  readonly endpoint: Endpoint;
  /** Undefined once it has its connection: the connection outlives it. */
  exchange: HttpExchange | undefined;
}

type RequestOptions = ClientRequestArgs & { [TARGET]?: Target };

/** An idle connection is closed after that, or a second before what the endpoint's Keep-Alive header says. */
const KEEP_ALIVE_MS = 4_000;

/**
 * `http.Agent` over a mesh, for node:http and what is built on it: axios, got.
 *
 * Each request goes to the endpoint that the service's balancer picks, by an idle connection or a new one; when no
 * connection can be made, another endpoint is tried as the service's policy says. Once the request's bytes go out
 * nothing is repeated, for node:http keeps none of them: the caller sees node:http's own errors then. Requests to hosts
 * outside the mesh go as with a plain keep-alive agent.
 *
 * For `http:` only: node:https refuses agents of this class.
 */
export class MeshHttpAgent extends http.Agent {
  readonly #destinations: Pick<Destinations, "of">;
  readonly #waiting = new WeakMap<ClientRequest, Target>();
  /** How each connection to an endpoint gives back its place in `limits.connections`. Does so once. */
  readonly #places = new Map<Duplex, () => void>();

  constructor(destinations: Pick<Destinations, "of">) {
    super({ keepAlive: true, scheduling: "lifo" });
    this.#destinations = destinations;
  }

  /** Called by node:http for each request. */
  addRequest(request: ClientRequest, options: RequestOptions): void {
    const destination = this.#destinationOf(options);
    switch (destination.kind) {
      case "outside":
        plain.addRequest.call(this, request, options);
        return;
      case "unknown":
        request.destroy(destination.error);
        // It has no socket and never will: node:http then ends it, with this error. Its types do not know that case.
        request.onSocket(undefined as never);
        return;
      case "service": {
        const { service } = destination;
        service.sendHttp(request, options.headers, (exchange, endpoint) => {
          this.#connect({ service, endpoint, exchange }, exchange, options);
        });
        return;
      }
      default:
        destination satisfies never;
    }
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | null | undefined {
    const target = options[TARGET];
    if (target?.exchange === undefined) return super.createConnection(options, callback);
    const { service, endpoint, exchange } = target;
    target.exchange = undefined;
    const { connections, time, policy } = service.runtime;
    if (!connections.tryAcquire() && !(this.#dropIdle(service) && connections.tryAcquire())) {
      this.#forgetEmpty(options);
      exchange.fail(service.runtime.noConnection());
      return undefined;
    }
    const socket = dial(endpoint, { time, connectMs: policy.timeout.connectMs }, (result) => {
      if (!exchange.awaits(socket)) return; // given up meanwhile
      if ("socket" in result) {
        exchange.sending(socket, false);
        callback?.(null, socket);
        return;
      }
      abandon();
      exchange.unconnected(result.error);
    });
    const leave = (): void => {
      if (this.#places.delete(socket)) connections.release();
    };
    const abandon = (): void => {
      socket.destroy();
      leave();
      this.#forgetEmpty(options);
    };
    this.#places.set(socket, leave);
    socket.once("close", leave);
    exchange.dialling(socket, abandon);
    return undefined;
  }

  /** Ends every connection, also those in use. The agent can still be used after. */
  override destroy(): void {
    super.destroy();
    for (const leave of this.#places.values()) leave();
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    const target = this.#waiting.get(request);
    this.#waiting.delete(request);
    super.reuseSocket(socket, request);
    // Set by `keepSocketAlive`, for the time in which nobody used it.
    (socket as Socket).setTimeout(0); // the agent's connections are all made by node:net
    target?.exchange?.sending(socket, true);
  }

  override keepSocketAlive(socket: Duplex): boolean {
    // The method of the class says whether the connection may be kept; its types say void.
    const kept = super.keepSocketAlive(socket) as unknown as boolean;
    const { timeout = 0 } = socket as Socket; // see `reuseSocket`
    if (kept && (timeout === 0 || timeout > KEEP_ALIVE_MS)) (socket as Socket).setTimeout(KEEP_ALIVE_MS);
    return kept;
  }

  /** Connections to endpoints are kept apart from those to the same address by its own name. */
  override getName(options: RequestOptions = {}): string {
    const target = options[TARGET];
    return target === undefined ? super.getName(options) : poolOf(target);
  }

  #destinationOf({ protocol, host, hostname, port, socketPath }: RequestOptions): Destination {
    const name = host ?? hostname;
    if (typeof name !== "string" || socketPath !== undefined || protocol === "https:") return { kind: "outside" };
    return this.#destinations.of(`http://${authority(name, Number(port ?? 80))}`);
  }

  #connect(target: Target, exchange: HttpExchange, options: RequestOptions): void {
    const { host, port } = target.endpoint;
    const own: RequestOptions = { ...options, host, port, [TARGET]: target };
    this.#waiting.set(exchange.request, target);
    plain.addRequest.call(this, exchange.request, own);
  }

  /** Ends the idle connection to the service that was used longest ago. False when none is idle. */
  #dropIdle(service: ServiceClient): boolean {
    for (const [pool, sockets = []] of Object.entries(this.freeSockets)) {
      const socket = sockets.find(({ destroyed }) => !destroyed);
      if (socket === undefined || !pool.endsWith(` ${service.name}`)) continue;
      socket.destroy();
      this.#places.get(socket)?.(); // now, and not when it has closed: the place is wanted now
      return true;
    }
    return false;
  }

  /** node:http makes a list for the connections to an address before there is one, and drops it with the last. */
  #forgetEmpty(options: RequestOptions): void {
    const lists = this.sockets as Record<string, unknown[] | undefined>; // read-only by its types, for users
    const name = this.getName(options);
    if (lists[name]?.length === 0) delete lists[name];
  }
}

function poolOf({ service, endpoint }: Target): string {
  return `${authority(endpoint.host, endpoint.port)} ${service.name}`;
}
