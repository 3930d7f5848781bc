import type { Socket } from "node:net";
import type { Clock, TimeoutQueues } from "@weft/core";
import { dial, type Dialer, type Dialing } from "../dial/dial.ts";
import type { DialFailure } from "../dial/dial-failure.ts";
import type { HeadLimits } from "../head/head-parser.ts";
import type { OwnReads } from "../tunnel/own-reads.ts";
import { PooledReads } from "../tunnel/pooled-reads.ts";
import type { CarriedExchange } from "./carried-exchange.ts";
import type { ConnectionCounts } from "./connection-counts.ts";
import type { EndpointPool } from "./endpoint-pool.ts";
import { poolClosed } from "./exchange-failure.ts";
import { endedByReset } from "../dial/ended-by-reset.ts";
import { errorWords } from "../dial/error-words.ts";
import { SHARED } from "../wire/read-buffers.ts";
import { isHeld } from "../wire/write-together.ts";

/**
 * One connection to one endpoint: one exchange at a time.
 *
 *   connecting --> busy <--> idle --> closed
 *                    +--> handed over, to whoever runs a tunnel on it
 */
export class ClientConnection implements Dialer {
  socket: Socket;
  /** Exchanges that ended well on it. */
  served = 0;
  /** When it was given back, and until when it may be taken again, on the policy clock. */
  idleSinceMs = 0;
  idleUntilMs = 0;
  /** It has lain idle for so long that its endpoint may well have closed it. */
  rested = false;
  readonly headLimits: HeadLimits;
  readonly clock: Clock;
  /** On that clock. */
  readonly timeouts: TimeoutQueues;

  readonly #pool: EndpointPool;
  readonly #counts: ConnectionCounts;
  readonly #dialing: Dialing;
  #exchange: CarriedExchange | undefined;
  #state: "connecting" | "open" | "tunnel" | "closed" = "connecting";
  #byEndpoint = false;
  /** Nothing is read until somebody has taken what was. */
  #stopped = false;
  /** How a tunnel reads that the connection became. */
  #reads: PooledReads | undefined = undefined;

  constructor(pool: EndpointPool, exchange: CarriedExchange) {
    this.#pool = pool;
    this.#counts = pool.counts;
    this.#exchange = exchange;
    exchange.onAbandon = this.#abandoned;
    this.headLimits = pool.headLimits;
    this.clock = pool.dialOptions.clock;
    this.timeouts = pool.dialOptions.timeouts;
    this.#dialing = dial(pool.target, this, {
      ...pool.dialOptions,
      onread: { buffer: () => this.#nextBuffer(), callback: (length, bytes) => this.#read(length, bytes) },
      allowHalfOpen: true, // what an end of the endpoint's side means depends on the framing, and on who holds it
    });
    this.socket = this.#dialing.socket;
  }

  /** Whether it can carry a request now. */
  get usable(): boolean {
    return this.#state === "open" && this.socket.writable && !this.socket.readableEnded && !this.socket.errored;
  }

  /** Carries one exchange. Only when none is on it. */
  carry(exchange: CarriedExchange): void {
    this.#exchange = exchange;
    exchange.begin(this);
  }

  /** The exchange is over. @param clean whether the connection is fit for another one */
  release(exchange: CarriedExchange, clean: boolean): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    if (clean) {
      this.served++;
      if (this.#stopped) this.resumeReading();
      this.#pool.giveBack(this, exchange.atMs, exchange.keepAliveHintMs);
    } else this.close();
  }

  /** From here on the bytes are a tunnel's. It stays in the pool's count until it closes. */
  handOver(exchange: CarriedExchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    this.#state = "tunnel";
    this.#reads = new PooledReads();
    this.socket.pause().off("end", this.#onEnd);
  }

  /** How the tunnel that it became is read. Only after `handOver`. */
  get reads(): OwnReads {
    return (this.#reads ??= new PooledReads());
  }

  resumeReading(): void {
    this.#stopped = false;
    this.socket.resume();
  }

  /** Nothing more is read until `resumeReading`. Between two reads: inside one its answer says so. */
  stopReading(): void {
    this.#stopped = true;
    this.socket.pause();
  }

  /** Ends it now; an exchange on it fails. */
  abort(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) this.close();
    else exchange.lose(poolClosed(exchange.phase)); // which releases the connection, and not clean
    if (this.#state === "connecting") this.close();
  }

  /** Ends it now. No exchange is on it any more. */
  close(): void {
    if (this.#state === "closed") return;
    if (this.#state === "connecting") this.#dialing.abort();
    this.#gone();
    this.socket.destroy();
  }

  connected(socket: Socket): void {
    this.socket = socket;
    this.#counts.connections++;
    this.#counts.connectionsActive++;
    this.#state = "open";
    socket.on("error", this.#onError).on("end", this.#onEnd).on("close", this.#onClose);
    const exchange = this.#exchange;
    if (exchange !== undefined) exchange.begin(this);
    else this.#pool.giveBack(this, this.clock.nowMs(), -1); // given up while it connected: the next one may use it
  }

  failed(failure: DialFailure): void {
    this.#counts.connectFailures++;
    if (failure.kind === "timeout") this.#counts.connectTimeouts++;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#gone();
    exchange?.lose(failure);
  }

  /** Connects for this exchange from now on. Only while it connects for none. */
  adopt(exchange: CarriedExchange): void {
    this.#exchange = exchange;
    exchange.onAbandon = this.#abandoned;
  }

  readonly #abandoned = (exchange: CarriedExchange): void => {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    this.#pool.orphaned(this);
  };

  #nextBuffer(): Buffer {
    if (this.#exchange !== undefined) return this.#exchange.buffer;
    return this.#reads === undefined ? SHARED : this.#reads.buffer();
  }

  #read(length: number, bytes: Uint8Array): boolean {
    const exchange = this.#exchange;
    if (exchange !== undefined) {
      // No answer to a request that has not left: most often 408, with the end of an idle connection behind it.
      if (isHeld(this.socket)) {
        this.#lost(false, "something was said on it that nobody had asked for", undefined);
        return false;
      }
      // Node hands over the very object that the buffer function gave.
      const more = exchange.received(bytes as Buffer, length);
      // An exchange that is over stops nothing: the connection is another's, or lies idle and must hear of its end.
      this.#stopped = !more && this.#exchange === exchange;
      return !this.#stopped && this.#state !== "tunnel";
    }
    if (this.#reads !== undefined) return this.#reads.callback(length, bytes as Buffer);
    // Nobody asked: an answer to nothing, or more than an answer. Neither can be trusted.
    this.close();
    return false;
  }

  /** Of a tunnel it is whoever runs it who judges; a close follows in any case. */
  readonly #onError = (error: Error): void => {
    if (this.#state !== "tunnel") this.#lost(false, errorWords(error), error);
  };
  readonly #onEnd = (): void => {
    const reset = this.#pool.target.path === undefined && endedByReset(this.socket);
    this.#lost(!reset, reset ? "it was reset" : "", undefined);
  };
  readonly #onClose = (): void => this.#lost(false, "", undefined);

  /** @param ended whether the endpoint has said by a FIN that nothing more comes */
  #lost(ended: boolean, how: string, cause: unknown): void {
    const exchange = this.#exchange;
    if (this.#state !== "closed") {
      this.#byEndpoint = true;
      if (exchange !== undefined && !(ended && exchange.endsWithConnection)) this.#counts.lostInUse++;
    }
    exchange?.lost(ended, how, cause, isHeld(this.socket));
    this.close();
  }

  #gone(): void {
    if (this.#state === "open" || this.#state === "tunnel") {
      const counts = this.#counts;
      counts.connectionsActive--;
      if (this.#byEndpoint) counts.closedByEndpoint++;
      else counts.closedHere++;
      counts.bytesSent += this.socket.bytesWritten;
      counts.bytesReceived += this.socket.bytesRead;
    }
    this.#state = "closed";
    this.#pool.forget(this);
  }
}
