import type { Socket } from "node:net";
import type { Time } from "@weft/core";
import { type DialTarget, openSocket } from "@weft/http/client";
import { Client, type Dispatcher, errors } from "../undici.ts";
import type { Phase } from "./classify-failure.ts";

type DispatchOptions = Dispatcher.DispatchOptions;

export interface ConnectionOptions {
  /** `http://orders`: what the Host header and, over TLS, the name in the certificate say. Not what is dialled. */
  readonly origin: string;
  readonly target: DialTarget;
  readonly time: Time;
  /** The most a connect, TLS included, may take, in ms. */
  readonly connectMs: number;
  /** The most between two pieces of a body, in ms; 0: no bound. */
  readonly bodyMs: number;
}

/** What an attempt tells the connection that it goes by: all of it one of undici's, which knows nothing by itself. */
export interface Link {
  /** Whether it has served before: its endpoint may have closed it meanwhile. */
  readonly reused?: boolean;
  /** How far an attempt had come that failed with this before it began. Without the method: it was being prepared. */
  phaseUnbegun?(error: unknown): Phase;
  /** The head of the answer is here. */
  answered?(): void;
  /** The exchange is over, and the connection may serve another. */
  ended?(): void;
  /** It speaks another protocol from now on, with whoever asked for that. */
  handOver?(): void;
  /** Never reached the endpoint, or left it in doubt: not to be used again. */
  drop(): void;
}

/** Where a connection goes when its exchange is over. */
export interface ConnectionOwner {
  giveBack(connection: Connection): void;
  discard(connection: Connection): void;
}

/** undici closes an idle connection after that, or 2 s before what the endpoint's Keep-Alive header says. */
const KEEP_ALIVE_MS = 4_000;
const KEEP_ALIVE_MARGIN_MS = 2_000;

/**
 * One connection to an endpoint: an undici Client, which reconnects by itself, and what we know of its socket.
 *
 * The Client believes that it talks to the logical origin, so Host and SNI are right without touching a header; only
 * the connector knows which endpoint is dialled.
 */
export class Connection implements Link {
  /** Whose it is: an exchange's, nobody's, or no longer to be used. Kept by the endpoint's connections. */
  use: "busy" | "idle" | "gone" = "busy";
  /** Runs when either side closed the socket. */
  onDisconnect: (() => void) | undefined = undefined;
  readonly #owner: ConnectionOwner;
  readonly #client: Client;
  #socket: Socket | undefined = undefined;
  /** Responses begun on the present socket. */
  #served = 0;
  #connectError: Error | undefined = undefined;

  constructor(options: ConnectionOptions, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#client = new Client(fixedUrl(options.origin), {
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
      bodyTimeout: options.bodyMs,
      connect: (_asked, callback) => this.#connect(options, callback),
    });
    this.#client.on("disconnect", () => {
      this.#served = 0;
      this.onDisconnect?.();
    });
  }

  get reused(): boolean {
    return this.#served > 0;
  }

  phaseUnbegun(error: unknown): Phase {
    return error === this.#connectError ? "connecting" : "preparing";
  }

  answered(): void {
    this.#served++;
  }

  ended(): void {
    this.#owner.giveBack(this);
  }

  drop(): void {
    this.#owner.discard(this);
  }

  /**
   * Sends one request, and tells `handler` what comes of it. Not while another is under way.
   *
   * @param headers instead of those in the options
   */
  send(options: DispatchOptions, headers: DispatchOptions["headers"], handler: Dispatcher.DispatchHandler): void {
    // Nothing waits behind this request, so there is nothing to look for when its head comes.
    this.#client.dispatch({ ...options, headers, blocking: false }, handler);
  }

  /** The socket belongs to whoever asked for the upgrade: it outlives this connection. */
  handOver(): void {
    this.#socket = undefined;
    this.drop();
  }

  /** Ends it at once: what runs on it fails, also a connect on its way. */
  destroy(): void {
    this.onDisconnect = undefined;
    this.#socket?.destroy();
    this.#client.destroy().catch(() => {});
  }

  #connect(options: ConnectionOptions, callback: (...result: [null, Socket] | [Error, null]) => void): void {
    const { target, time, connectMs } = options;
    const socket = openSocket(target);
    this.#socket = socket;
    this.#served = 0;
    // Not undici's own connect timeout: below a second its timers are late by up to half of one.
    const disarm = time.after(connectMs, () => {
      socket.destroy(new errors.ConnectTimeoutError(`no connection within ${connectMs} ms (timeout.connect)`));
    });
    let told = false;
    socket.once(target.tls === undefined ? "connect" : "secureConnect", () => {
      disarm();
      if (told) return;
      told = true;
      callback(null, socket);
    });
    const failed = (error: Error): void => {
      disarm();
      if (told) return;
      told = true;
      this.#connectError = error;
      callback(error, null);
    };
    socket.on("error", failed);
    socket.once("close", () => failed(new errors.SocketError("closed while connecting")));
  }
}

/**
 * An origin with what undici asks of it for each request written down: a URL cuts it out of its text each time, and
 * what is cut anew is then compared letter by letter. 0.7 us of each request.
 */
function fixedUrl(text: string): URL {
  const url = new URL(text);
  return Object.defineProperties(url, { origin: { value: url.origin }, protocol: { value: url.protocol } });
}
