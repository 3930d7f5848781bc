import { authority, type ConcurrencyLimit, type Endpoint } from "@weft/core";
import type { DialOptions, DialTarget } from "../dial/dial.ts";
import { failureOfError } from "../dial/dial-failure.ts";
import type { HeadLimits } from "../head/head-parser.ts";
import type { CarriedExchange } from "./carried-exchange.ts";
import { ClientConnection } from "./client-connection.ts";
import type { ConnectionCounts } from "./connection-counts.ts";
import { poolClosed } from "./exchange-failure.ts";

export interface EndpointPoolOptions {
  readonly dial: DialOptions;
  readonly headLimits: HeadLimits;
  /** How long a connection may lie idle when the endpoint gives no hint; in ms, > 0. */
  readonly idleMs: number;
  /** The most with a hint, in ms. Default `idleMs`. */
  readonly hintedIdleMs?: number;
  /** Of the whole service. */
  readonly limit: ConcurrencyLimit;
  readonly counts: ConnectionCounts;
  /** A connection ended or came free: an exchange that waits may have it. */
  readonly onRoom: () => void;
  /**
   * True where no server keeps the process: a connection that lies idle lets it end, and a connect ends with the
   * exchange that it was for. Default false: both serve whoever comes next.
   */
  readonly transient?: boolean;
}

/** An endpoint closes an idle connection about when its hint says: it is let go so long before. Source: undici, 2 s. */
const HINT_MARGIN_MS = 2_000;
/** Beyond that a connection has rested: an end of it may lie unread where the process slept or had much to do. */
const RESTED_MS = 20;

/**
 * The connections to one endpoint. The one that came free last is taken first: it is the least likely to have been
 * closed meanwhile, and those that are not needed any more grow old together.
 */
export class EndpointPool {
  readonly endpoint: Endpoint;
  readonly target: DialTarget;
  /** `host:port`, which may change while the id of the endpoint stays. */
  readonly address: string;
  readonly #options: EndpointPoolOptions;
  readonly #idle: ClientConnection[] = [];
  /** On their way, for exchanges that were given up meanwhile. */
  readonly #orphans: ClientConnection[] = [];
  readonly #all = new Set<ClientConnection>();
  #closed = false;

  constructor(endpoint: Endpoint, target: DialTarget, options: EndpointPoolOptions) {
    this.endpoint = endpoint;
    this.target = target;
    this.address = authority(endpoint.host, endpoint.port);
    this.#options = options;
  }

  get dialOptions(): DialOptions {
    return this.#options.dial;
  }

  get counts(): ConnectionCounts {
    return this.#options.counts;
  }

  get headLimits(): HeadLimits {
    return this.#options.headLimits;
  }

  /** Connections, busy, idle and on their way. */
  get size(): number {
    return this.#all.size;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /**
   * Sends the exchange on a connection, a new one when none is idle.
   *
   * @param fresh not on one that has lain idle: the last attempt met one that the endpoint had closed
   * @returns false: the limit is reached
   */
  send(exchange: CarriedExchange, nowMs: number, fresh = false): boolean {
    if (this.#closed) {
      exchange.lose(poolClosed("queued"));
      return true;
    }
    const idle = fresh ? undefined : this.#takeIdle(nowMs);
    if (idle !== undefined) {
      this.#options.counts.attempts++;
      idle.rested = nowMs - idle.idleSinceMs > RESTED_MS;
      if (this.#options.transient === true) idle.socket.ref();
      idle.carry(exchange);
      return true;
    }
    const orphan = this.#orphans.pop();
    if (orphan === undefined && !this.#acquire(fresh)) return false;
    this.#options.counts.attempts++;
    if (orphan === undefined) this.#open(exchange);
    else orphan.adopt(exchange);
    return true;
  }

  /** Ends the connection that has been idle longest, so that another endpoint may have one. @returns whether there was one */
  dropIdle(): boolean {
    const oldest = this.#idle[0];
    oldest?.close();
    return oldest !== undefined;
  }

  /** Ends connections that have been idle for too long. */
  sweep(nowMs: number): void {
    // The oldest stand first, but hints differ: each is asked.
    for (const connection of this.#idle.slice()) if (connection.idleUntilMs <= nowMs) connection.close();
  }

  /** Ends idle connections now, busy ones after their exchange. */
  close(): void {
    this.#closed = true;
    for (const connection of [...this.#idle, ...this.#orphans]) connection.close();
  }

  /** Ends every connection now; exchanges fail. */
  destroy(): void {
    this.close();
    for (const connection of this.#all) connection.abort();
  }

  // What connections call.

  /** @param hintMs how long the endpoint says that it keeps an idle connection; -1: it does not say */
  giveBack(connection: ClientConnection, nowMs: number, hintMs: number): void {
    const { idleMs, hintedIdleMs = idleMs, onRoom } = this.#options;
    const forMs = hintMs < 0 ? idleMs : Math.min(hintedIdleMs, hintMs - HINT_MARGIN_MS);
    if (this.#closed || forMs <= 0) {
      connection.close();
      return;
    }
    if (this.#orphans.length > 0) remove(this.#orphans, connection);
    connection.idleSinceMs = nowMs;
    connection.idleUntilMs = nowMs + forMs;
    if (this.#options.transient === true) connection.socket.unref();
    this.#idle.push(connection);
    onRoom();
  }

  /** Nobody waits any more for a connection that is on its way. The next who needs one has it. */
  orphaned(connection: ClientConnection): void {
    if (this.#closed || this.#options.transient === true) return connection.close();
    this.#orphans.push(connection);
    this.#options.onRoom();
  }

  forget(connection: ClientConnection): void {
    if (!this.#all.delete(connection)) return;
    remove(this.#idle, connection);
    remove(this.#orphans, connection);
    this.#options.limit.release();
    this.#options.onRoom();
  }

  /** A target that nobody can connect to, such as one with a name that no TLS takes, throws. */
  #open(exchange: CarriedExchange): void {
    try {
      this.#all.add(new ClientConnection(this, exchange));
    } catch (error) {
      this.#options.limit.release();
      exchange.onAbandon = undefined;
      exchange.lose(failureOfError(error, this.target.host, this.target.port, false));
    }
  }

  /** At the limit, a fresh connection takes the place of an idle one. */
  #acquire(fresh: boolean): boolean {
    const { limit } = this.#options;
    return limit.tryAcquire() || (fresh && this.dropIdle() && limit.tryAcquire());
  }

  #takeIdle(nowMs: number): ClientConnection | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.usable && last.idleUntilMs > nowMs) return last;
      last.close();
    }
    return undefined;
  }
}

function remove(connections: ClientConnection[], connection: ClientConnection): void {
  const at = connections.indexOf(connection);
  if (at >= 0) connections.splice(at, 1);
}
