import { type ConcurrencyLimit, type Endpoint, authority, type Time } from "@weft/core";
import type { DialOptions, DialTarget } from "../dial/dial.ts";
import type { HeadLimits } from "../head/head-parser.ts";
import { ClientExchange, type OutgoingRequest, type ResponseReceiver } from "./client-exchange.ts";
import { type ConnectionCounts, connectionCounts } from "./connection-counts.ts";
import { EndpointPool } from "./endpoint-pool.ts";
import { noRoom, poolClosed } from "./exchange-failure.ts";

export interface ServicePoolsOptions {
  readonly time: Time;
  /** Connections over all endpoints. */
  readonly limit: ConcurrencyLimit;
  /** Read when needed: how many exchanges may wait for a connection, >= 0. */
  readonly maxPending: () => number;
  /** Whom to dial for an endpoint: with TLS and its names, or plain. */
  readonly target: (endpoint: Endpoint) => DialTarget;
  /** Read for each new pool: a change of policy counts for endpoints that are called for the first time. */
  readonly dial: () => DialOptions;
  readonly headLimits: HeadLimits;
  /** Where the connections to an endpoint are counted. Absent: nobody counts. */
  readonly counts?: (endpoint: Endpoint) => ConnectionCounts;
  /** How long a connection may lie idle, in ms, > 0. Default 4,000 (undici), for an endpoint that gives no hint. */
  readonly idleMs: number;
}

/** How often idle connections are looked at: they are let go at most so much late. */
const SWEEP_MS = 1_000;

interface Waiting {
  readonly pool: EndpointPool;
  readonly exchange: ClientExchange;
}

/** The connections of one service, by endpoint, and those who wait for one. */
export class ServicePools {
  readonly #options: ServicePoolsOptions;
  readonly #pools = new Map<string, EndpointPool>();
  /** Of endpoints that left, with exchanges that still run. */
  readonly #leaving = new Set<EndpointPool>();
  /** In the order they came. Few: a service at its limit of connections. */
  #waiting: Waiting[] = [];
  #stopSweep: (() => void) | undefined = undefined;
  #serving = false;
  #closed = false;

  constructor(options: ServicePoolsOptions) {
    this.#options = options;
  }

  /** Exchanges that wait for a connection. */
  get pending(): number {
    return this.#waiting.length;
  }

  /**
   * Sends a request to an endpoint. What comes of it is told to `receiver`, never before this returns but for failures
   * of ours.
   *
   * @param nowMs a reading of the clock, when the caller has one already
   * @param fresh not on a connection that has lain idle: the last attempt met one that its endpoint had closed
   */
  send(
    endpoint: Endpoint,
    request: OutgoingRequest,
    receiver: ResponseReceiver,
    nowMs: number = this.#options.time.nowMs(),
    fresh = false,
  ): ClientExchange {
    const exchange = new ClientExchange(request, receiver);
    if (this.#closed) {
      exchange.fail(poolClosed("queued"));
      return exchange;
    }
    const pool = this.of(endpoint);
    if (this.#waiting.length === 0 && pool.send(exchange, nowMs, fresh)) return exchange;
    // An idle connection to another endpoint makes room for one to this.
    if (this.#waiting.length === 0 && this.#dropIdle(pool) && pool.send(exchange, nowMs, fresh)) return exchange;
    this.#enqueue(pool, exchange);
    return exchange;
  }

  of(endpoint: Endpoint): EndpointPool {
    const known = this.#pools.get(endpoint.id);
    if (known !== undefined && known.endpoint === endpoint) return known;
    if (known !== undefined && known.address === authority(endpoint.host, endpoint.port)) return known;
    if (known !== undefined) this.#retire(known);
    const { time, limit, target, dial, headLimits, idleMs, counts } = this.#options;
    const made = new EndpointPool(endpoint, target(endpoint), {
      dial: dial(),
      headLimits,
      idleMs,
      limit,
      counts: counts?.(endpoint) ?? connectionCounts(),
      onRoom: () => this.#serve(),
    });
    this.#pools.set(endpoint.id, made);
    this.#stopSweep ??= time.after(SWEEP_MS, () => this.#sweep());
    return made;
  }

  /** Every pool, for those who show what is going on. */
  all(): Iterable<EndpointPool> {
    return this.#pools.values();
  }

  /** Lets go of endpoints that left: their idle connections end now, the others when their exchange does. */
  keep(endpoints: readonly Endpoint[]): void {
    const present = new Map(endpoints.map(({ id, host, port }) => [id, authority(host, port)]));
    for (const [id, pool] of this.#pools) {
      if (present.get(id) === pool.address) continue;
      this.#pools.delete(id);
      this.#retire(pool);
    }
  }

  /** Ends every connection now; what waits or runs fails. */
  destroy(): void {
    this.#closed = true;
    this.#stopSweep?.();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { exchange } of waiting) exchange.fail(poolClosed("queued"));
    for (const pool of [...this.#leaving, ...this.#pools.values()]) pool.destroy();
    this.#leaving.clear();
    this.#pools.clear();
  }

  /** Its idle connections end now, the others with their exchange; who waits for one does so in vain. */
  #retire(pool: EndpointPool): void {
    this.#leaving.add(pool);
    const vain = this.#waiting.filter((one) => one.pool === pool);
    if (vain.length > 0) this.#waiting = this.#waiting.filter((one) => one.pool !== pool);
    pool.close();
    for (const { exchange } of vain) exchange.fail(poolClosed("queued"));
  }

  #enqueue(pool: EndpointPool, exchange: ClientExchange): void {
    const { limit, maxPending } = this.#options;
    if (this.#waiting.length >= maxPending()) {
      return exchange.fail(
        this.#waiting.length === 0 ? noRoom(limit.name, limit.most) : noRoom("limits.pending", maxPending()),
      );
    }
    exchange.onAbandon = (given) => {
      this.#waiting = this.#waiting.filter((one) => one.exchange !== given);
    };
    this.#waiting.push({ pool, exchange });
  }

  /** Room came: the first who waits gets it, then the next. */
  #serve(): void {
    if (this.#serving || this.#waiting.length === 0) return;
    const nowMs = this.#options.time.nowMs();
    this.#serving = true;
    try {
      for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
        const { pool, exchange } = first;
        if (!pool.send(exchange, nowMs) && !(this.#dropIdle(pool) && pool.send(exchange, nowMs))) return;
        if (this.#waiting[0] === first) this.#waiting.shift(); // unless it was given up meanwhile
      }
    } finally {
      this.#serving = false;
    }
  }

  #dropIdle(but: EndpointPool): boolean {
    for (const pool of this.#pools.values()) if (pool !== but && pool.dropIdle()) return true;
    return false;
  }

  #sweep(): void {
    const { time } = this.#options;
    const nowMs = time.nowMs();
    for (const pool of this.#pools.values()) pool.sweep(nowMs);
    for (const pool of this.#leaving) if (pool.size === 0) this.#leaving.delete(pool);
    this.#stopSweep = time.after(SWEEP_MS, () => this.#sweep());
  }
}
