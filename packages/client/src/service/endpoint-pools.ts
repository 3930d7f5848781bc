import { authority, type ConcurrencyLimit, type Endpoint, type Time } from "@weft/core";
import type { Connection, TlsOptions } from "../dispatch/connection.ts";
import { EndpointConnections } from "../dispatch/endpoint-connections.ts";

export interface PoolOptions {
  /** The service's name: Host, and the name in certificates. */
  readonly service: string;
  readonly time: Time;
  readonly tls: TlsOptions;
  /** `limits.connections`, over all endpoints. */
  readonly limit: ConcurrencyLimit;
  /** Read for each new pool: a change of policy counts for endpoints that are called for the first time. */
  readonly timeouts: () => { readonly connectMs: number; readonly idleMs: number };
}

/** The connections of one service, by endpoint, and apart for plain and TLS. Made when an endpoint is first called. */
export class EndpointPools {
  readonly #options: PoolOptions;
  readonly #plain = new Map<string, EndpointConnections>();
  readonly #secure = new Map<string, EndpointConnections>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  of(endpoint: Endpoint, secure: boolean): EndpointConnections {
    const pools = secure ? this.#secure : this.#plain;
    const known = pools.get(endpoint.id);
    if (known !== undefined) return known;
    const made = this.#make(endpoint, secure);
    pools.set(endpoint.id, made);
    return made;
  }

  /**
   * A connection to the endpoint of `pool`. When the limit is reached, an idle one to another endpoint ends for it.
   *
   * @param fresh not one that has lain idle
   * @returns undefined when every connection is in use
   */
  take(pool: EndpointConnections, fresh: boolean): Connection | undefined {
    return pool.take(fresh) ?? (this.#all().some((other) => other.dropIdle()) ? pool.take(fresh) : undefined);
  }

  /** Lets go of endpoints that left: their idle connections end now, the others when their exchange does. */
  keep(endpoints: readonly Endpoint[]): void {
    const present = new Map(endpoints.map(({ id, host, port }) => [id, authority(host, port)]));
    for (const pools of [this.#plain, this.#secure]) {
      for (const [id, pool] of pools) {
        if (present.get(id) === pool.address) continue;
        pools.delete(id);
        pool.close();
      }
    }
  }

  /** Ends every connection now. */
  destroy(): void {
    for (const pool of this.#all()) pool.destroy();
    this.#plain.clear();
    this.#secure.clear();
  }

  #all(): EndpointConnections[] {
    return [...this.#plain.values(), ...this.#secure.values()];
  }

  #make(endpoint: Endpoint, secure: boolean): EndpointConnections {
    const { service, time, tls, limit, timeouts } = this.#options;
    const { connectMs, idleMs } = timeouts();
    return new EndpointConnections(
      {
        origin: `${secure ? "https" : "http"}://${service}`,
        endpoint,
        time,
        connectMs,
        bodyMs: idleMs === Number.POSITIVE_INFINITY ? 0 : idleMs,
        tls,
      },
      limit,
    );
  }
}
