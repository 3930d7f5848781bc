import { type ConcurrencyLimit, type Endpoint, authority, type Time } from "@weft/core";
import type { DialOptions, DialTarget } from "../dial/dial.ts";
import type { EndpointExchange, ResponseReceiver } from "../exchange/endpoint-exchange.ts";
import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import type { HeadLimits } from "../head/head-parser.ts";
import type { RequestHead } from "../head/request-head.ts";
import { HTTP2_LIMITS, type Http2Counts, http2Counts, type Http2Limits } from "../http2/http2-limits.ts";
import { ClientExchange } from "./client-exchange.ts";
import { type ConnectionCounts, connectionCounts } from "./connection-counts.ts";
import { EndpointConnections, type EndpointProtocol, type NewExchange } from "./endpoint-connections.ts";
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
  /** What is spoken to an endpoint for a request. Absent: HTTP/1.1. */
  readonly protocol?: (endpoint: Endpoint, head: RequestHead) => EndpointProtocol;
  /** Default `HTTP2_LIMITS`. */
  readonly http2Limits?: Http2Limits;
  /** Where the HTTP/2 connections to all endpoints are counted. Absent: nobody counts. */
  readonly http2Counts?: Http2Counts;
  /** A connection of HTTP/2 was ended because its endpoint made work for nothing. @param detail in plain words */
  readonly onFlood?: (endpoint: Endpoint, detail: string) => void;
  /**
   * Read when needed: after so long without a byte on a connection of HTTP/2 with streams open, the endpoint is
   * asked for a sign of life; in ms, > 0. Absent: never, but for a request that times out.
   */
  readonly keepAliveMs?: () => number;
  /** Where the connections to an endpoint are counted. Absent: nobody counts. */
  readonly counts?: (endpoint: Endpoint) => ConnectionCounts;
  /** How long a connection may lie idle, in ms, > 0. Default 4,000 (undici), for an endpoint that gives no hint. */
  readonly idleMs: number;
}

/** How often idle connections are looked at: they are let go at most so much late. */
const SWEEP_MS = 1_000;

/** How long a connection of HTTP/2 may lie idle: an endpoint says when it leaves. */
const HTTP2_IDLE_MS = 300_000;

const NEVER = (): number => Number.POSITIVE_INFINITY;

interface Waiting {
  readonly pool: EndpointConnections;
  readonly exchange: NewExchange;
}

/** The connections of one service, by endpoint, and those who wait for one. */
export class ServicePools {
  readonly #options: ServicePoolsOptions;
  readonly #pools = new Map<string, EndpointConnections>();
  /** Of endpoints that left, with exchanges that still run. */
  readonly #leaving = new Set<EndpointConnections>();
  /** In the order they came. Few: a service at its limit of connections. */
  #waiting: Waiting[] = [];
  readonly #http2Counts: Http2Counts;
  #stopSweep: (() => void) | undefined = undefined;
  #serving = false;
  #closed = false;

  constructor(options: ServicePoolsOptions) {
    this.#options = options;
    this.#http2Counts = options.http2Counts ?? http2Counts();
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
  ): EndpointExchange {
    if (this.#closed) {
      const refused = new ClientExchange(request, receiver);
      refused.lose(poolClosed("queued"));
      return refused;
    }
    const pool = this.of(endpoint);
    const exchange = pool.newExchange(this.#options.protocol?.(endpoint, request.head) ?? "http1", request, receiver);
    if (this.#waiting.length === 0 && pool.send(exchange, nowMs, fresh)) return exchange;
    // An idle connection to another endpoint makes room for one to this.
    if (this.#waiting.length === 0 && this.#dropIdle(pool) && pool.send(exchange, nowMs, fresh)) return exchange;
    this.#enqueue(pool, exchange);
    return exchange;
  }

  of(endpoint: Endpoint): EndpointConnections {
    const known = this.#pools.get(endpoint.id);
    if (known !== undefined && known.endpoint === endpoint) return known;
    const { time, limit, target, dial, headLimits, idleMs, counts, keepAliveMs = NEVER } = this.#options;
    const to = target(endpoint);
    if (known !== undefined && known.renew(endpoint, to)) return known;
    if (known !== undefined) this.#retire(known);
    const made = new EndpointConnections(endpoint, to, {
      dial: dial(),
      headLimits,
      http2Limits: this.#options.http2Limits ?? HTTP2_LIMITS,
      idleMs,
      http2IdleMs: HTTP2_IDLE_MS,
      keepAliveMs,
      limit,
      http2Counts: this.#http2Counts,
      counts: counts?.(endpoint) ?? connectionCounts(),
      onFlood: (detail) => this.#options.onFlood?.(endpoint, detail),
      onRoom: () => this.#serve(),
    });
    this.#pools.set(endpoint.id, made);
    this.#stopSweep ??= time.after(SWEEP_MS, () => this.#sweep());
    return made;
  }

  /** Every pool, for those who show what is going on. */
  all(): Iterable<EndpointConnections> {
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
    for (const { exchange } of waiting) exchange.lose(poolClosed("queued"));
    for (const pool of [...this.#leaving, ...this.#pools.values()]) pool.destroy();
    this.#leaving.clear();
    this.#pools.clear();
  }

  /** Its idle connections end now, the others with their exchange; who waits for one does so in vain. */
  #retire(pool: EndpointConnections): void {
    this.#leaving.add(pool);
    const vain = this.#waiting.filter((one) => one.pool === pool);
    if (vain.length > 0) this.#waiting = this.#waiting.filter((one) => one.pool !== pool);
    pool.close();
    for (const { exchange } of vain) exchange.lose(poolClosed("queued"));
  }

  #enqueue(pool: EndpointConnections, exchange: NewExchange): void {
    const { limit, maxPending } = this.#options;
    if (this.#waiting.length >= maxPending()) {
      return exchange.lose(
        this.#waiting.length === 0 ? noRoom(limit.name, limit.most) : noRoom("limits.pending", maxPending()),
      );
    }
    exchange.onAbandon = () => {
      this.#waiting = this.#waiting.filter((one) => one.exchange !== exchange);
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

  #dropIdle(but: EndpointConnections): boolean {
    for (const pool of this.#pools.values()) if (pool !== but && pool.dropIdle()) return true;
    return false;
  }

  #sweep(): void {
    const { time } = this.#options;
    const nowMs = time.nowMs();
    for (const pool of this.#pools.values()) pool.sweep(nowMs);
    for (const pool of this.#leaving) {
      pool.sweep(nowMs);
      if (pool.size === 0) this.#leaving.delete(pool);
    }
    this.#stopSweep = time.after(SWEEP_MS, () => this.#sweep());
  }
}
