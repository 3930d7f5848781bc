import { isIP, type OnReadOpts, type Socket } from "node:net";
import { connect as connectSecure, type SecureContext } from "node:tls";
import { type Clock, Expiring, type TimeoutQueues } from "@weft/core";
import { DirectSocket } from "../wire/direct-socket.ts";
import { type DialFailure, dialFailure, failureOfError, lateFailure } from "./dial-failure.ts";

/** Whom to connect to. */
export interface DialTarget {
  /** IP address or name; IPv6 without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Absent: plain TCP. */
  readonly tls?: DialTls;
  /** A unix socket, in the place of host and port, which then only name it. */
  readonly path?: string;
}

export interface DialTls {
  /** The name that the certificate must hold, sent as SNI: no IP address. Absent: the target's host, and no SNI for an IP. */
  readonly servername?: string;
  /**
   * CA and client certificate, made once with `tls.createSecureContext`; a function is asked for each connection, so that
   * they may be renewed. Absent: the public CAs and no certificate.
   */
  readonly context?: SecureContext | (() => SecureContext | undefined);
  /** Protocols offered, best first: `["h2", "http/1.1"]`. Absent: no ALPN. */
  readonly alpn?: readonly string[];
  /** False takes any certificate: for tests and for those who trust the wire. Default true. */
  readonly verify?: boolean;
}

export interface DialOptions {
  readonly clock: Clock;
  /** On the same clock. */
  readonly timeouts: TimeoutQueues;
  /** The most a connect may take, TLS included, in ms, > 0; Infinity: until the system gives up. */
  readonly connectMs: number;
  /** Reads into memory of one's own; the callback gets views of it, and no `data` event comes. See `net.connect`. */
  readonly onread?: OnReadOpts;
  /** True: the peer's end does not end our side. Default false. */
  readonly allowHalfOpen?: boolean;
}

/** Who waits for a connection. One of the two is called, once, never inside `dial` itself, and none after an abort. */
export interface Dialer {
  /**
   * The connection stands, TLS included. It has no listener left, so one for `error` is put on here.
   *
   * For the protocol chosen: `socket instanceof TLSSocket && socket.alpnProtocol`.
   */
  connected(socket: Socket): void;
  /** There is none, and its socket is gone. */
  failed(failure: DialFailure): void;
}

/** A connect on its way. */
export interface Dialing {
  /** Not connected yet. Its `write` must wait for `connected`. */
  readonly socket: Socket;
  /** Gives the connect up; nothing is told any more. Does nothing once it is over. */
  abort(): void;
}

/** A connection idle for so long is asked for a sign of life by the kernel. Source: Envoy, gRPC: off; Go's net: 15 s. */
const KEEP_ALIVE_MS = 60_000;

/** Ports that a system gives to those who connect: Linux's begin here, others' above. */
const FIRST_EPHEMERAL_PORT = 32_768;

/**
 * Connects to `target` and tells `dialer` what came of it. Never throws and makes no promise.
 *
 * A name with several addresses is tried as Node does it (RFC 8305, 250 ms apart). The connect timeouts of one length
 * wait on one timer. Cost: one object and three listeners for each connect.
 */
export function dial(target: DialTarget, dialer: Dialer, options: DialOptions): Dialing {
  return new Connect(target, dialer, options);
}

class Connect extends Expiring implements Dialing {
  readonly socket: Socket;
  readonly #target: DialTarget;
  readonly #dialer: Dialer;
  readonly #connectMs: number;
  #securing = false;
  #over = false;

  constructor(target: DialTarget, dialer: Dialer, options: DialOptions) {
    super();
    this.#target = target;
    this.#dialer = dialer;
    this.#connectMs = options.connectMs;
    const { timeouts, connectMs, clock } = options;
    this.socket = openSocket(target, options);
    if (connectMs < Number.POSITIVE_INFINITY) timeouts.of(connectMs).add(this, clock.nowMs());
    this.socket.on("error", this.#failed).on("close", this.#closed).on("connect", this.#connected);
    if (target.tls !== undefined) this.socket.on("secureConnect", this.#secured);
  }

  abort(): void {
    if (this.#end()) this.socket.destroy();
  }

  expire(): void {
    const { host, port } = this.#target;
    this.#fail(lateFailure(host, port, this.#connectMs, this.#securing));
  }

  readonly #connected = (): void => {
    const { tls, host, port } = this.#target;
    if (tls !== undefined) {
      this.#securing = true;
      return;
    }
    // A connect to a port of the local range that nobody listens on can meet itself: TCP allows both ends to open at once.
    if (port >= FIRST_EPHEMERAL_PORT && this.socket.localPort === port && meetsItself(this.socket)) {
      this.#fail(
        dialFailure("refused", `no connection with ${host}:${port}: it met itself, so nobody listens`, undefined),
      );
    } else if (this.#end(this.socket)) this.#dialer.connected(this.socket);
  };

  readonly #secured = (): void => {
    if (this.#end(this.socket)) this.#dialer.connected(this.socket);
  };

  readonly #failed = (error: unknown): void => {
    const { host, port } = this.#target;
    this.#fail(failureOfError(error, host, port, this.#securing));
  };

  readonly #closed = (): void => this.#failed(new Error("closed while connecting"));

  #fail(failure: DialFailure): void {
    if (!this.#end()) return;
    this.socket.destroy();
    this.#dialer.failed(failure);
  }

  /** @param connected the socket that is handed over, without listeners. @returns false when it was over before */
  #end(connected?: Socket): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.settle();
    this.socket.off("close", this.#closed).off("connect", this.#connected).off("secureConnect", this.#secured);
    // Of several addresses more than one may fail: what comes after the verdict is nobody's error, but has a listener.
    connected?.off("error", this.#failed);
    return true;
  }
}

/**
 * A socket that is connecting, TLS included, for whoever keeps the time himself.
 *
 * @throws what node:net and node:tls do for a target that nobody can connect to
 */
export function openSocket(target: DialTarget, options: Pick<DialOptions, "onread" | "allowHalfOpen"> = {}): Socket {
  const { host, port, tls, path } = target;
  const { onread, allowHalfOpen = false } = options;
  const reads = { allowHalfOpen, ...(onread === undefined ? {} : { onread }) };
  if (path !== undefined) return new DirectSocket(reads).connect({ path });
  if (tls === undefined) {
    return new DirectSocket(reads).setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS).connect({ host, port });
  }
  const { servername = isIP(host) === 0 ? host : undefined, context, alpn, verify = true } = tls;
  const secureContext = typeof context === "function" ? context() : context;
  const socket = connectSecure({
    host,
    port,
    ...reads,
    rejectUnauthorized: verify,
    ...(servername === undefined ? {} : { servername }),
    ...(secureContext === undefined ? {} : { secureContext }),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  });
  // tls.connect takes neither as an option.
  return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
}

function meetsItself({ localAddress, remoteAddress }: Socket): boolean {
  return localAddress === remoteAddress;
}
