import { type Endpoint, ConcurrencyLimit, type Time, TimeoutQueues } from "@weft/core";
import {
  type CallerExchange,
  type EndpointExchange,
  type ExchangeFailure,
  type ExchangeHooks,
  HttpServer,
  NO_FIELDS,
  type ResponseReceiver,
  ServicePools,
} from "@weft/http";

/** A proxy with nothing but the two sides of the engine in it, joined as the sidecar joins them. */
export interface JoinedHop {
  /** `host:port` */
  readonly address: string;
  readonly pools: ServicePools;
  readonly server: HttpServer;
  readonly limit: ConcurrencyLimit;
  close(): Promise<void>;
}

/** Listens on loopback and sends all that comes to one endpoint. */
export async function joinedHop(endpoint: Endpoint, time: Time, connections: number): Promise<JoinedHop> {
  const timeouts = new TimeoutQueues(time);
  const limit = new ConcurrencyLimit("limits.connections", connections);
  const pools = new ServicePools({
    time,
    limit,
    maxPending: () => 10_000,
    target: ({ host, port }) => ({ host, port }),
    dial: () => ({ clock: time, timeouts, connectMs: 5_000 }),
    headLimits: { maxHeadBytes: 16_384, maxFields: 100, underscores: "keep" },
    idleMs: 4_000,
  });
  const server = new HttpServer({ time, handle: (exchange) => new Joined(exchange).begin(pools, endpoint) });
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  return {
    address,
    pools,
    server,
    limit,
    async close() {
      await server.close(0);
      pools.destroy();
    },
  };
}

class Joined implements ExchangeHooks, ResponseReceiver {
  readonly #caller: CallerExchange;
  #upstream: EndpointExchange | undefined = undefined;
  #left = false;

  constructor(caller: CallerExchange) {
    this.#caller = caller;
    caller.hooks = this;
  }

  begin(pools: ServicePools, endpoint: Endpoint): void {
    const { head, whole, body } = this.#caller;
    const plain = { traceparent: "", deadline: "", grpcTimeout: "", via: "", upgrades: false };
    this.#upstream = pools.send(endpoint, { head, ...plain, body: body ?? whole }, this);
    if (this.#left) this.#upstream.cut("the caller left");
  }

  left(): void {
    this.#left = true;
    this.#upstream?.cut("the caller left");
  }

  answered(exchange: EndpointExchange | CallerExchange): void {
    // One name in two interfaces: of the caller's side there is nothing to do.
    if (exchange === this.#caller || !("text" in exchange)) return;
    const { head, text, body } = exchange;
    if (head === undefined) return;
    if (text !== undefined) this.#caller.respond(head.status, head.reason, head, text, text.length);
    else if (body !== undefined) this.#caller.stream(head.status, head.reason, head, body);
  }

  informed(): void {}

  ended(_exchange: EndpointExchange, failure: ExchangeFailure | undefined): void {
    if (failure === undefined) return;
    if (this.#caller.open) this.#caller.respond(502, "Bad Gateway", NO_FIELDS, failure.problem, failure.problem.length);
    else this.#caller.cut();
  }
}
