import { authority, type ConcurrencyLimit, type Endpoint } from "@weft/core";
import type { DialOptions, DialTarget } from "../dial/dial.ts";
import type { ResponseReceiver } from "../exchange/endpoint-exchange.ts";
import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import type { HeadLimits } from "../head/head-limits.ts";
import { ClientStream } from "../http2/client-stream.ts";
import type { Http2Counts, Http2Limits } from "../http2/http2-limits.ts";
import { StreamPool } from "../http2/stream-pool.ts";
import { ClientExchange } from "./client-exchange.ts";
import type { ConnectionCounts } from "./connection-counts.ts";
import { EndpointPool } from "./endpoint-pool.ts";
import { noRoom } from "./exchange-failure.ts";

/** What is spoken to an endpoint. `alpn`: what it chooses in its first TLS handshake. */
export type EndpointProtocol = "http1" | "http2" | "alpn";

export interface EndpointConnectionsOptions {
  readonly dial: DialOptions;
  readonly headLimits: HeadLimits;
  readonly http2Limits: Http2Limits;
  /** How long a connection of HTTP/1.1 may lie idle when the endpoint gives no hint, and the most with one; in ms. */
  readonly idleMs: number;
  /** The same of HTTP/2, where an endpoint says when it leaves. */
  readonly http2IdleMs: number;
  /** Read when needed: after so long without a byte, with streams open, the endpoint is asked for a sign of life; in ms. */
  readonly keepAliveMs: () => number;
  /** Of the whole service. */
  readonly limit: ConcurrencyLimit;
  readonly counts: ConnectionCounts;
  readonly http2Counts: Http2Counts;
  /** The endpoint made work for nothing, and a connection was ended for it. */
  readonly onFlood: (detail: string) => void;
  /** A connection ended or came free: an exchange that waits may have it. */
  readonly onRoom: () => void;
}

/** An exchange that has not been begun. */
export type NewExchange = ClientExchange | ClientStream;

/** The connections to one endpoint, by what is spoken on them. */
export class EndpointConnections {
  /** As the registry described it when it was last called. */
  endpoint: Endpoint;
  /** `host:port`, which may change while the id of the endpoint stays. */
  readonly address: string;
  readonly #target: DialTarget;
  readonly #options: EndpointConnectionsOptions;
  #http1: EndpointPool | undefined = undefined;
  #http2: StreamPool | undefined = undefined;
  /** The endpoint has chosen HTTP/1.1 where it was offered both. */
  #choseHttp1 = false;
  #closed = false;

  constructor(endpoint: Endpoint, target: DialTarget, options: EndpointConnectionsOptions) {
    this.endpoint = endpoint;
    this.address = authority(endpoint.host, endpoint.port);
    this.#target = target;
    this.#options = options;
  }

  /**
   * The same endpoint, described anew.
   *
   * @returns false when its connections are no longer the right ones: it has another address, or is offered something
   *   else under TLS, for its metadata says so now
   */
  renew(endpoint: Endpoint, { tls }: DialTarget): boolean {
    const same = this.address === authority(endpoint.host, endpoint.port);
    if (!same || String(tls?.alpn) !== String(this.#target.tls?.alpn)) return false;
    this.endpoint = endpoint;
    return true;
  }

  /** Connections, busy, idle and on their way. */
  get size(): number {
    return (this.#http1?.size ?? 0) + (this.#http2?.size ?? 0);
  }

  /** Of them those that carry nothing. */
  get idle(): number {
    return (this.#http1?.idle ?? 0) + (this.#http2?.idle ?? 0);
  }

  /** Streams of HTTP/2 that are open. */
  get streams(): number {
    return this.#http2?.streams ?? 0;
  }

  newExchange(protocol: EndpointProtocol, request: OutgoingRequest, receiver: ResponseReceiver): NewExchange {
    const http1 = protocol === "http1" || (protocol === "alpn" && this.#choseHttp1);
    return http1 ? new ClientExchange(request, receiver) : new ClientStream(request, receiver);
  }

  /**
   * Sends the exchange, on a new connection when none can take it.
   *
   * @param fresh not on a connection that may be closed: the last attempt met one
   * @returns false: the limit is reached
   */
  send(exchange: NewExchange, nowMs: number, fresh = false): boolean {
    return exchange instanceof ClientExchange
      ? this.#ofHttp1().send(exchange, nowMs, fresh)
      : this.#ofHttp2().send(exchange, nowMs, fresh);
  }

  /** Ends a connection that carries nothing, so that another endpoint may have one. @returns whether there was one */
  dropIdle(): boolean {
    return this.#http1?.dropIdle() === true || this.#http2?.dropIdle() === true;
  }

  /** Ends connections that have been idle for too long, and looks after those of HTTP/2. */
  sweep(nowMs: number): void {
    this.#http1?.sweep(nowMs);
    this.#http2?.sweep(nowMs);
  }

  /** Ends idle connections now, busy ones after what they carry. */
  close(): void {
    this.#closed = true;
    this.#http1?.close();
    this.#http2?.close();
  }

  /** Ends every connection now; exchanges fail. */
  destroy(): void {
    this.#closed = true;
    this.#http1?.destroy();
    this.#http2?.destroy();
  }

  #ofHttp1(): EndpointPool {
    if (this.#http1 !== undefined) return this.#http1;
    this.#http1 = new EndpointPool(this.endpoint, offering(this.#target, ["http/1.1"]), this.#options);
    if (this.#closed) this.#http1.close();
    return this.#http1;
  }

  #ofHttp2(): StreamPool {
    if (this.#http2 !== undefined) return this.#http2;
    const { http2IdleMs, ...options } = this.#options;
    this.#http2 = new StreamPool(this.endpoint, offering(this.#target, ["h2", "http/1.1"]), {
      ...options,
      idleMs: http2IdleMs,
      // A service that speaks HTTP/2 alone is not asked for anything else: its target offers "h2".
      otherwise: (streams) => this.#speakHttp1(streams),
    });
    if (this.#closed) this.#http2.close();
    return this.#http2;
  }

  /** The endpoint was offered both and chose HTTP/1.1: what waited for a stream goes by that. */
  #speakHttp1(streams: readonly ClientStream[]): void {
    this.#choseHttp1 = true;
    const { limit, dial } = this.#options;
    const nowMs = dial.clock.nowMs();
    for (const stream of streams) {
      const exchange = stream.replace((request, receiver) => new ClientExchange(request, receiver));
      if (!this.send(exchange, nowMs)) exchange.lose(noRoom(limit.name, limit.most));
    }
  }
}

/** The same target, with what may be chosen under TLS: what it offers itself already, else `protocols`. */
function offering(target: DialTarget, protocols: readonly string[]): DialTarget {
  const { tls } = target;
  if (tls === undefined) return target;
  const offered = tls.alpn?.filter((protocol) => protocols.includes(protocol)) ?? protocols;
  return { ...target, tls: { ...tls, alpn: offered.length > 0 ? offered : protocols } };
}
