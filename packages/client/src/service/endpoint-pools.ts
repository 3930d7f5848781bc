import { authority, type ConcurrencyLimit, type Endpoint, type Time, type TimeoutQueues } from "@weft/core";
import type { DialTls } from "@weft/http/client";
import type { Connection } from "../dispatch/connection.ts";
import type { PlainExchange } from "../plain/plain-exchange.ts";
import { dialTls, type TlsOptions } from "./dial-tls.ts";
import { EndpointWays } from "./endpoint-ways.ts";

export interface PoolOptions {
  /** The service's name: Host, and the name in certificates. */
  readonly service: string;
  readonly time: Time;
  readonly timeouts: TimeoutQueues;
  readonly tls: TlsOptions;
  /** `limits.connections`, over all endpoints. */
  readonly limit: ConcurrencyLimit;
  /** Read for each new pool: a change of policy counts for endpoints that are called for the first time. */
  readonly policy: () => { readonly connectMs: number; readonly idleMs: number };
}

/** How often idle connections are looked at: they are let go at most so much late. */
const SWEEP_MS = 1_000;

/** The connections of one service, by endpoint, and apart for plain and TLS. Made when an endpoint is first called. */
export class EndpointPools {
  readonly #options: PoolOptions;
  readonly #clear = new Map<string, EndpointWays>();
  readonly #secure = new Map<string, EndpointWays>();
  #tls: DialTls | undefined = undefined;
  #stopSweep: (() => void) | undefined = undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  of(endpoint: Endpoint, secure: boolean): EndpointWays {
    const pools = secure ? this.#secure : this.#clear;
    const known = pools.get(endpoint.id);
    if (known !== undefined) return known;
    const made = this.#make(endpoint, secure);
    pools.set(endpoint.id, made);
    return made;
  }

  /**
   * Sends a plain request to the endpoint of `ways`. When the limit is reached, an idle connection to another endpoint
   * ends for it.
   *
   * @param fresh not on one that has lain idle
   * @returns false when every connection is in use
   */
  send(ways: EndpointWays, exchange: PlainExchange, nowMs: number, fresh: boolean): boolean {
    return ways.plain.send(exchange, nowMs, fresh) || (this.#dropIdle() && ways.plain.send(exchange, nowMs, fresh));
  }

  /** The same for a request that undici sends: a connection, or undefined. */
  take(ways: EndpointWays, fresh: boolean): Connection | undefined {
    return ways.rare.take(fresh) ?? (this.#dropIdle() ? ways.rare.take(fresh) : undefined);
  }

  /** Lets go of endpoints that left: their idle connections end now, the others when their exchange does. */
  keep(endpoints: readonly Endpoint[]): void {
    const present = new Map(endpoints.map(({ id, host, port }) => [id, authority(host, port)]));
    for (const pools of [this.#clear, this.#secure]) {
      for (const [id, ways] of pools) {
        if (present.get(id) === ways.address) continue;
        pools.delete(id);
        ways.close();
      }
    }
  }

  /** Ends every connection now. */
  destroy(): void {
    for (const ways of this.#all()) ways.destroy(); // each connection that ends says so
    this.#clear.clear();
    this.#secure.clear();
    this.#stopSweep?.();
  }

  #all(): EndpointWays[] {
    return [...this.#clear.values(), ...this.#secure.values()];
  }

  #dropIdle(): boolean {
    return this.#all().some((ways) => ways.dropIdle());
  }

  #make(endpoint: Endpoint, secure: boolean): EndpointWays {
    const { service, time, timeouts, tls, limit, policy } = this.#options;
    const { connectMs, idleMs } = policy();
    const { host, port } = endpoint;
    const target = secure ? { host, port, tls: (this.#tls ??= dialTls(tls, service)) } : { host, port };
    return new EndpointWays(endpoint, {
      target,
      dial: { clock: time, timeouts, connectMs },
      undici: {
        origin: `${secure ? "https" : "http"}://${service}`,
        target,
        time,
        connectMs,
        bodyMs: idleMs === Number.POSITIVE_INFINITY ? 0 : idleMs,
      },
      limit,
      onRoom: () => {
        this.#stopSweep ??= time.after(SWEEP_MS, () => this.#sweep());
      },
    });
  }

  /** Runs on while a connection lies idle. */
  #sweep(): void {
    const { time } = this.#options;
    const nowMs = time.nowMs();
    this.#stopSweep = undefined;
    let idle = 0;
    for (const { plain } of this.#all()) {
      plain.sweep(nowMs);
      idle += plain.idle;
    }
    if (idle > 0) this.#stopSweep ??= time.after(SWEEP_MS, () => this.#sweep());
  }
}
