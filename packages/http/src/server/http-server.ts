import { createServer, type Server, type Socket } from "node:net";
import { createServer as createSecureServer, Server as SecureServer, TLSSocket, type TlsOptions } from "node:tls";
import type { Time } from "@weft/core";
import { resetSocket } from "../tunnel/reset-socket.ts";
import { acceptInPlace } from "./accepted-socket.ts";
import { accept, boundTo, type ListenAddress } from "./acceptors.ts";
import type { ConnectionOwner } from "./connection-owner.ts";
import type { ServedConnection } from "./served-connection.ts";
import { ServerConnection } from "./server-connection.ts";
import type { CallerExchange } from "../exchange/caller-exchange.ts";
import { peerAddress } from "./peer-address.ts";
import { SERVER_LIMITS, type ServerLimits } from "./server-limits.ts";
import { HTTP2_LIMITS, type Http2Counts, http2Counts, type Http2Limits } from "../http2/http2-limits.ts";
import { Http2ServerConnection } from "../http2/http2-server-connection.ts";
import { errorWords } from "../dial/error-words.ts";

export interface HttpServerOptions {
  readonly time: Time;
  /**
   * Answers a request, now or later, by the methods of the exchange. Must not throw: what it throws breaks the caller's
   * connection off and ends the process.
   */
  readonly handle: (exchange: CallerExchange) => void;
  /** Default `SERVER_LIMITS`. */
  readonly limits?: ServerLimits;
  /** Default `HTTP2_LIMITS`. */
  readonly http2Limits?: Http2Limits;
  /** Where HTTP/2 is counted. Default: counts of its own. */
  readonly http2Counts?: Http2Counts;
  /** Certificate and key, and what else `tls.createServer` takes. Absent: plain TCP. */
  readonly tls?: TlsOptions;
  /** What came was no request, or came too slowly; it has been answered with this status. For logs. */
  readonly onRefused?: (refused: RefusedBytes) => void;
  /** There is no TLS session with a caller, such as for want of its certificate. For logs. */
  readonly onHandshakeFailed?: (peer: string, why: string) => void;
  /** A connection came, or ended, or was turned away at the limit. For counters, of its bytes as well. */
  readonly onConnection?: (what: "opened" | "closed" | "refused", socket: Socket) => void;
}

export interface RefusedBytes {
  /** The caller's `address:port`. */
  readonly peer: string;
  readonly protocol: "HTTP/1.1" | "HTTP/2";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** How often connections are looked at for those that are too slow or idle: what is too late by less goes unseen. */
const SWEEP_MS = 1_000;

/** How long a request may take to arrive on a connection that was idle when the listener began to close. */
const LAST_REQUEST_MS = 1_000;

/** A handshake takes as long as a head may, and no longer than Node lets it by default. */
const MAX_HANDSHAKE_MS = 120_000;

/** What is spoken under TLS, best first. */
const ALPN = ["h2", "http/1.1"];

/** A listener for HTTP/2, HTTP/1.1 and 1.0, all on one port, on raw sockets. Strict: what two readers could read differently is refused. */
export class HttpServer implements ConnectionOwner {
  readonly handle: (exchange: CallerExchange) => void;
  limits: ServerLimits;
  /** For connections from now on. */
  http2Limits: Http2Limits;
  draining = false;
  /** What happened on its HTTP/2 connections. */
  readonly http2: Http2Counts;

  readonly #options: HttpServerOptions;
  readonly #server: Server;
  /** Those that accept besides it. */
  #others: readonly Server[] = [];
  readonly #connections = new Set<ServedConnection>();
  /** Under TLS: what was accepted, in its handshake or beyond it. */
  readonly #accepted = new Set<Socket>();
  #stopSweep: (() => void) | undefined = undefined;
  #emptied: PromiseWithResolvers<void> | undefined = undefined;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.handle = options.handle;
    this.limits = options.limits ?? SERVER_LIMITS;
    this.http2Limits = options.http2Limits ?? HTTP2_LIMITS;
    this.http2 = options.http2Counts ?? http2Counts();
    const { tls } = options;
    if (tls === undefined) {
      this.#server = this.#plainServer();
      return;
    }
    const handshakeTimeout = Math.min(this.limits.headMs, MAX_HANDSHAKE_MS);
    this.#server = createSecureServer(
      { ALPNProtocols: ALPN, handshakeTimeout, ...tls, allowHalfOpen: true },
      (socket) => this.#accept(socket.setNoDelay(true)),
    );
    this.#server.on("connection", (socket: Socket) => this.#watchHandshake(socket));
    // A caller that breaks off a handshake is no error of ours.
    this.#server.on("tlsClientError", (error, socket) => {
      options.onHandshakeFailed?.(peerAddress(socket), errorWords(error));
      socket.destroy();
    });
  }

  /**
   * Other certificates, keys and authorities, for handshakes from now on; connections that stand are not touched. Whether
   * callers must show a certificate stays as the listener was made.
   *
   * @throws Error for a listener without TLS, or what the system says of a key that does not fit; then nothing changed
   */
  renewTls(tls: TlsOptions): void {
    if (!(this.#server instanceof SecureServer)) throw new Error("the listener has no TLS");
    this.#server.setSecureContext(tls);
  }

  /** Connections now. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Begins to accept.
   *
   * @returns `host:port` with the real port, or the path
   * @throws  the system's error: EADDRINUSE, EACCES, ...
   */
  async listen(address: ListenAddress): Promise<string> {
    // Servers with TLS do not share a port: each would have keys of its own for the sessions that callers come back to.
    const another = this.#options.tls === undefined ? () => this.#plainServer() : undefined;
    this.#others = await accept(this.#server, address, another);
    const bound = boundTo(this.#server);
    if (this.draining) this.#stopServers();
    else this.#sweepLater();
    return bound;
  }

  /**
   * Stops accepting, lets each connection that is busy end with its answer, ends those that stay idle for a second, and
   * cuts what has not ended after `drainMs`. On an idle connection a request may be on its way: whoever sent it is
   * answered, and told that the connection ends.
   *
   * @returns how many requests and tunnels were cut
   */
  async close(drainMs: number): Promise<number> {
    this.stopAccepting();
    let cut = 0;
    if (this.#connections.size > 0) {
      this.#emptied ??= Promise.withResolvers<void>();
      const stopWaiting = this.#options.time.after(Math.min(LAST_REQUEST_MS, drainMs), () => {
        for (const connection of this.#connections) connection.drain();
      });
      const disarm = this.#options.time.after(Math.max(0, drainMs), () => {
        cut = this.running;
        for (const connection of this.#connections) connection.cut("the listener was closed");
      });
      await this.#emptied.promise;
      stopWaiting();
      disarm();
    }
    for (const socket of this.#accepted) socket.destroy(); // those left are in their handshake
    this.#stopSweep?.();
    return cut;
  }

  /** New connections are refused by the system from now on; those that are open end with their next answer. */
  stopAccepting(): void {
    if (this.draining) return;
    this.draining = true;
    this.#stopServers();
    for (const connection of this.#connections) connection.announce();
  }

  /** Requests that are being answered now, and tunnels. */
  get running(): number {
    let running = 0;
    for (const connection of this.#connections) running += connection.running;
    return running;
  }

  nowMs(): number {
    return this.#options.time.nowMs();
  }

  refused(connection: ServedConnection, status: number, code: string, detail: string): void {
    const { peer, protocol } = connection;
    this.#options.onRefused?.({ peer, protocol, status, code, detail });
  }

  speaksHttp2(connection: ServerConnection, first: Buffer): void {
    this.#connections.delete(connection);
    this.#serveHttp2(connection.socket, first);
  }

  forget(connection: ServedConnection): void {
    if (!this.#connections.delete(connection)) return;
    this.#options.onConnection?.("closed", connection.socket);
    if (this.#connections.size === 0) this.#emptied?.resolve();
  }

  /** A caller's FIN does not end our side: what it means depends on the request. */
  #plainServer(): Server {
    return acceptInPlace(createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket)));
  }

  #stopServers(): void {
    for (const server of [this.#server, ...this.#others]) server.close();
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= this.limits.maxConnections || this.draining) {
      this.#options.onConnection?.("refused", socket); // while it still knows its caller
      resetSocket(socket.on("error", () => {}));
      return;
    }
    this.#options.onConnection?.("opened", socket);
    if (socket instanceof TLSSocket && socket.alpnProtocol === "h2") this.#serveHttp2(socket, undefined);
    else this.#connections.add(new ServerConnection(socket, this, this.nowMs()));
  }

  /** @param first what has been read of it */
  #serveHttp2(socket: Socket, first: Buffer | undefined): void {
    const ports = { limits: this.http2Limits, headLimits: this.limits, counts: this.http2, nowMs: () => this.nowMs() };
    const connection = new Http2ServerConnection(socket, this, ports);
    this.#connections.add(connection);
    if (first !== undefined) connection.take(first);
  }

  /** Handshakes count for the limit as well: who never ends one holds a connection. */
  #watchHandshake(socket: Socket): void {
    if (this.#accepted.size >= this.limits.maxConnections) {
      this.#options.onConnection?.("refused", socket);
      socket.destroy();
      return;
    }
    this.#accepted.add(socket);
    socket.once("close", () => this.#accepted.delete(socket));
  }

  #sweepLater(): void {
    this.#stopSweep = this.#options.time.after(SWEEP_MS, () => {
      const nowMs = this.nowMs();
      for (const connection of this.#connections) connection.sweep(this.limits, nowMs);
      this.#sweepLater();
    });
  }
}
