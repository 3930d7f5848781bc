import type { Duplex } from "node:stream";
import { type Clock, Expiring, type TimeoutQueue, type TimeoutQueues } from "@weft/core";
import { OneWay } from "./one-way.ts";
import type { OwnReads } from "./own-reads.ts";
import { resetSocket } from "./reset-socket.ts";

export interface TunnelOptions {
  readonly clock: Clock;
  /** On the same clock. */
  readonly timeouts: TimeoutQueues;
  /**
   * The tunnel is cut when for so long no byte came in from either side, in ms, > 0; Infinity: never. It is cut at the
   * latest an eighth later, for idleness is looked for and not timed.
   */
  readonly idleMs: number;
  /** What came from A behind the head that asked for the tunnel; goes to B first. Held until it is written. */
  readonly earlyFromA?: Buffer;
  readonly earlyFromB?: Buffer;
  /** How A is read, when it was made with `onread`. Absent: by `data` events, as any accepted socket can be. */
  readonly readsOfA?: OwnReads;
  readonly readsOfB?: OwnReads;
  /** Called once, when both sockets have closed. */
  readonly ended: (end: TunnelEnd) => void;
}

/** Two sockets joined byte for byte, for as long as they live. */
export interface Tunnel {
  /** Bytes that came from A so far, the early ones among them. */
  readonly bytesAToB: number;
  readonly bytesBToA: number;
  /** Cuts both sides now. Does nothing once the tunnel is over. */
  close(): void;
}

/** How a tunnel ended. */
export interface TunnelEnd {
  /** Who ended it first; the mesh by `close` or because it was idle. */
  readonly by: "a" | "b" | "mesh";
  /**
   * `ended`: both sides came to their end, and all bytes are through. `reset`: a connection broke, or somebody
   * destroyed it. `idle`, `closed`: the mesh cut it.
   */
  readonly why: "ended" | "reset" | "idle" | "closed";
  /** What the connection broke with. */
  readonly error: Error | undefined;
  readonly bytesAToB: number;
  readonly bytesBToA: number;
}

/** In so many steps the time of idleness is looked at: a tunnel that works costs no clock reading, and no timer moves. */
const LOOKS = 8;

/**
 * Makes two sockets one tunnel: bytes, ends and resets of each are passed on to the other.
 *
 * Both come without listeners of others. An end on one side ends the other side's sending only; a tunnel that the mesh
 * or a broken connection cuts is reset on the other side, so that nobody takes a cut for the end. The writes of a slow
 * reader stop the reads of the other side.
 */
export function joinSockets(a: Duplex, b: Duplex, options: TunnelOptions): Tunnel {
  return new JoinedSockets(a, b, options);
}

class JoinedSockets extends Expiring implements Tunnel {
  readonly #a: Duplex;
  readonly #b: Duplex;
  readonly #aToB: OneWay;
  readonly #bToA: OneWay;
  readonly #options: TunnelOptions;
  readonly #looks: TimeoutQueue | undefined;
  #open = 2;
  #first: TunnelEnd["by"] | undefined = undefined;
  #why: TunnelEnd["why"] = "ended";
  #error: Error | undefined = undefined;
  #bytesSeen = 0;
  #idleLooks = 0;

  constructor(a: Duplex, b: Duplex, options: TunnelOptions) {
    super();
    const { clock, timeouts, idleMs, earlyFromA, earlyFromB, readsOfA, readsOfB } = options;
    this.#a = a;
    this.#b = b;
    this.#options = options;
    this.#aToB = new OneWay(a, b);
    this.#bToA = new OneWay(b, a);
    this.#looks = idleMs < Number.POSITIVE_INFINITY ? timeouts.of(idleMs / LOOKS) : undefined;
    this.#looks?.add(this, clock.nowMs());
    this.#watch(a, "a");
    this.#watch(b, "b");
    if (a.destroyed || b.destroyed) return; // its `close` ends the tunnel
    this.#aToB.start(earlyFromA, readsOfA);
    this.#bToA.start(earlyFromB, readsOfB);
  }

  get bytesAToB(): number {
    return this.#aToB.bytes;
  }

  get bytesBToA(): number {
    return this.#bToA.bytes;
  }

  close(): void {
    this.#cut("mesh", "closed", undefined);
  }

  expire(): void {
    const bytes = this.bytesAToB + this.bytesBToA;
    this.#idleLooks = bytes === this.#bytesSeen ? this.#idleLooks + 1 : 0;
    this.#bytesSeen = bytes;
    if (this.#idleLooks >= LOOKS) this.#cut("mesh", "idle", undefined);
    else this.#looks?.add(this, this.#options.clock.nowMs());
  }

  #watch(socket: Duplex, side: "a" | "b"): void {
    socket.allowHalfOpen = true; // before its end comes: Node would answer the end of one way with that of the other
    socket.on("end", () => (this.#first ??= side));
    socket.on("error", (error) => this.#cut(side, "reset", error));
    if (socket.closed) this.#closed(socket, side);
    else socket.on("close", () => this.#closed(socket, side));
  }

  #closed(socket: Duplex, side: "a" | "b"): void {
    if (!socket.readableEnded || !socket.writableFinished) this.#cut(side, "reset", undefined);
    if (--this.#open > 0) return;
    this.settle();
    const { readsOfA, readsOfB, ended } = this.#options;
    readsOfA?.release();
    readsOfB?.release();
    ended({
      by: this.#first ?? side,
      why: this.#why,
      error: this.#error,
      bytesAToB: this.bytesAToB,
      bytesBToA: this.bytesBToA,
    });
  }

  /** Only the first cut counts. */
  #cut(by: TunnelEnd["by"], why: TunnelEnd["why"], error: Error | undefined): void {
    if (this.#why !== "ended" || this.#open === 0) return;
    this.#first = by;
    this.#why = why;
    this.#error = error;
    this.settle();
    resetSocket(this.#a);
    resetSocket(this.#b);
  }
}
