import type { Socket } from "node:net";
import { authority, type ConcurrencyLimit, type Endpoint } from "@weft/core";
import type { DialOptions, DialTarget } from "../dial/dial.ts";
import type { DialFailure } from "../dial/dial-failure.ts";
import type { HeadLimits } from "../head/head-limits.ts";
import type { ConnectionCounts } from "../client/connection-counts.ts";
import { poolClosed } from "../client/exchange-failure.ts";
import { ClientStream } from "./client-stream.ts";
import { Http2ClientConnection } from "./http2-client-connection.ts";
import type { Http2ClientOwner } from "./http2-client-owner.ts";
import type { Http2Counts, Http2Limits } from "./http2-limits.ts";
import { PeerSettings, type ToldSettings } from "./settings.ts";
import { StreamDial, type StreamDialOwner } from "./stream-dial.ts";

export interface StreamPoolOptions {
  readonly dial: DialOptions;
  readonly headLimits: HeadLimits;
  readonly http2Limits: Http2Limits;
  /** How long a connection may lie idle, in ms, > 0. */
  readonly idleMs: number;
  /** Read when needed: after so long without a byte, with streams open, the endpoint is asked for a sign of life; in ms. */
  readonly keepAliveMs: () => number;
  /** Connections of the whole service. */
  readonly limit: ConcurrencyLimit;
  readonly counts: ConnectionCounts;
  readonly http2Counts: Http2Counts;
  /** The endpoint made work for nothing, and a connection was ended for it. */
  readonly onFlood: (detail: string) => void;
  /** A connection ended or has room: a stream that waits may have it. */
  readonly onRoom: () => void;
  /** The endpoint was offered both, and chose HTTP/1.1: these streams are to go by that. */
  readonly otherwise: (streams: readonly ClientStream[]) => void;
}

/** Streams that wait for one connection on its way; with more, another one is dialled as well. */
const STREAMS_A_DIAL = 100;
/**
 * Connections that are tired of resets, and have others' streams on them, so that they cannot be ended. With more than
 * that nothing takes their place while they have room: whoever cancels cannot make us open connections without end.
 */
const MOST_TIRED = 16;
/** A connection that has been heard within that time is taken to be alive. */
const ALIVE_MS = 1_000;

/**
 * The HTTP/2 connections to one endpoint. One serves as long as the endpoint takes further streams on it: several cost
 * more a stream, for fewer frames share a write.
 */
export class StreamPool implements Http2ClientOwner, StreamDialOwner {
  readonly endpoint: Endpoint;
  readonly target: DialTarget;
  readonly address: string;
  readonly #options: StreamPoolOptions;
  /** Those that may take a stream. */
  #connections: Http2ClientConnection[] = [];
  readonly #all = new Set<Http2ClientConnection>();
  readonly #dials = new Set<StreamDial>();
  #waiting: ClientStream[] = [];
  /** What the endpoint said last of itself. */
  #told: ToldSettings = new PeerSettings();
  #closed = false;

  constructor(endpoint: Endpoint, target: DialTarget, options: StreamPoolOptions) {
    this.endpoint = endpoint;
    this.target = target;
    this.address = authority(endpoint.host, endpoint.port);
    this.#options = options;
  }

  /** Connections, and those on their way. */
  get size(): number {
    return this.#all.size + this.#dials.size;
  }

  /** Connections that carry nothing. */
  get idle(): number {
    let idle = 0;
    for (const { streams } of this.#all) if (streams.size === 0) idle++;
    return idle;
  }

  /** Streams that are open. */
  get streams(): number {
    let streams = 0;
    for (const connection of this.#all) streams += connection.streams.size;
    return streams;
  }

  /**
   * Sends the stream's request, on a new connection when none has room.
   *
   * @param fresh not on a connection that may be dead: the last attempt met one
   * @returns false: the limit of connections is reached
   */
  send(stream: ClientStream, nowMs: number, fresh = false): boolean {
    if (this.#closed) {
      stream.lose(poolClosed("queued"));
      return true;
    }
    const connection = this.#withRoom(fresh ? nowMs - ALIVE_MS : Number.NEGATIVE_INFINITY);
    if (connection !== undefined) {
      this.#options.counts.attempts++;
      connection.carry(stream, nowMs);
      return true;
    }
    if (this.#waiting.length >= this.#expected && !this.#takesNone && !this.#dial()) return false;
    this.#options.counts.attempts++;
    stream.onAbandon = this.#abandoned;
    this.#waiting.push(stream);
    return true;
  }

  /** Ends a connection that carries nothing, so that another endpoint may have one. @returns whether there was one */
  dropIdle(): boolean {
    const idle = this.#connections.find(({ streams }) => streams.size === 0);
    idle?.abort("another endpoint needs the connection");
    return idle !== undefined;
  }

  sweep(nowMs: number): void {
    const { idleMs } = this.#options;
    const keepAliveMs = this.#options.keepAliveMs();
    for (const connection of this.#all) connection.sweep(nowMs, idleMs, keepAliveMs);
    // Nothing took the place of a tired one where the limit stood in the way, or the endpoint.
    this.tired();
  }

  /** Takes no further stream; those that run may go on. */
  close(): void {
    this.#closed = true;
    this.#connections = [];
    for (const connection of this.#all) connection.retire();
    for (const dialling of this.#dials) {
      dialling.abort();
      this.#options.limit.release();
    }
    this.#dials.clear();
    this.#failWaiting();
  }

  /** Ends every connection now; streams fail. */
  destroy(): void {
    this.close();
    for (const connection of this.#all) connection.abort("the endpoint's connections were closed");
  }

  // What connections call.

  retired(connection: Http2ClientConnection): void {
    this.#connections = this.#connections.filter((one) => one !== connection);
    // Those that wait may have counted on it, and it may have been the one too many to be replaced.
    this.#serve();
    this.tired();
  }

  tired(): void {
    const { length } = this.#connections.filter(({ tired }) => tired);
    if (length > 0 && length <= MOST_TIRED && !this.#closed && !this.rested && !this.#takesNone) this.#dial();
  }

  get rested(): boolean {
    return this.#dials.size > 0 || this.#connections.some(({ tired, hasRoom }) => !tired && hasRoom);
  }

  flooded(detail: string): void {
    this.#options.onFlood(detail);
  }

  again(stream: ClientStream): void {
    const another = stream.replace((request, receiver) => new ClientStream(request, receiver, true));
    if (this.#closed) return another.lose(poolClosed("queued"));
    another.onAbandon = this.#abandoned;
    this.#waiting.push(another);
    this.#serve();
  }

  roomCame(connection: Http2ClientConnection): void {
    if (connection.peerSettings.known) this.#told = connection.peerSettings;
    if (connection.tired) this.#dropTired();
    this.#serve();
    this.#options.onRoom();
  }

  forget(connection: Http2ClientConnection, byEndpoint: boolean): void {
    this.retired(connection);
    if (!this.#all.delete(connection)) return;
    const { counts, limit, onRoom } = this.#options;
    counts.connectionsActive--;
    if (byEndpoint) counts.closedByEndpoint++;
    else counts.closedHere++;
    counts.bytesSent += connection.socket.bytesWritten;
    counts.bytesReceived += connection.socket.bytesRead;
    limit.release();
    onRoom();
  }

  // What dials call.

  dialled(dialling: StreamDial, socket: Socket): Http2ClientConnection {
    this.#dials.delete(dialling);
    const { counts, headLimits, http2Limits, http2Counts, dial } = this.#options;
    counts.connections++;
    counts.connectionsActive++;
    const ports = { limits: http2Limits, headLimits, counts: http2Counts, nowMs: () => dial.clock.nowMs() };
    const connection = new Http2ClientConnection(socket, this, ports, this.#told);
    this.#all.add(connection);
    this.#connections.push(connection);
    this.#dropTired();
    this.#serve();
    return connection;
  }

  /** The endpoint does not speak HTTP/2, but what it was offered as well. */
  choseHttp1(dialling: StreamDial): void {
    this.#dials.delete(dialling);
    const { limit, otherwise } = this.#options;
    limit.release();
    const waiting = this.#waiting;
    this.#waiting = [];
    otherwise(waiting);
  }

  undialled(dialling: StreamDial, failure: DialFailure): void {
    this.#dials.delete(dialling);
    const { counts, limit, onRoom } = this.#options;
    counts.connectFailures++;
    if (failure.kind === "timeout") counts.connectTimeouts++;
    limit.release();
    // Those who wait for another dial go on waiting for it.
    const failed = this.#waiting.splice(this.#expected);
    for (const stream of failed) stream.lose(failure);
    onRoom();
  }

  get dialOptions(): DialOptions {
    return this.#options.dial;
  }

  readonly #abandoned = (stream: ClientStream): void => {
    this.#waiting = this.#waiting.filter((one) => one !== stream);
  };

  /** Streams that connections on their way will take. */
  get #expected(): number {
    return this.#dials.size * Math.min(STREAMS_A_DIAL, this.#told.maxStreams || STREAMS_A_DIAL);
  }

  /**
   * The endpoint takes no stream on a connection that is empty, for a while (RFC 9113 6.5.2). A further one would be the
   * same: it is waited for here, where those who call other endpoints do not wait behind.
   */
  get #takesNone(): boolean {
    return this.#connections.some((connection) => connection.takesNone);
  }

  /** One that is not tired; else the youngest, where the fewest streams have lived for long. */
  #withRoom(heardSinceMs: number): Http2ClientConnection | undefined {
    let tired: Http2ClientConnection | undefined;
    for (const connection of this.#connections) {
      if (!connection.hasRoom || connection.heardMs < heardSinceMs) continue;
      if (!connection.tired) return connection;
      tired = connection;
    }
    return tired;
  }

  /** Tired connections that carry nothing leave, as soon as there is another one, or to end what nobody wants any more. */
  #dropTired(): void {
    for (const connection of this.#connections) {
      const spare = this.#connections.length > 1; // fewer with each that has left
      if (connection.tired && connection.streams.size === 0 && (spare || connection.withholds)) connection.leave();
    }
  }

  #dial(): boolean {
    if (!this.#options.limit.tryAcquire()) return false;
    const dialling = new StreamDial(this);
    this.#dials.add(dialling);
    dialling.begin();
    return true;
  }

  /** Those who wait get what room there is; for the rest, connections are dialled as far as the limit lets them. */
  #serve(): void {
    if (this.#waiting.length === 0) return; // asked at the end of every stream: most often nobody waits
    const nowMs = this.#options.dial.clock.nowMs();
    while (this.#waiting.length > 0) {
      const connection = this.#withRoom(Number.NEGATIVE_INFINITY);
      if (connection === undefined) break;
      connection.carry(this.#waiting.shift()!, nowMs); // one waits
    }
    while (this.#waiting.length > this.#expected && !this.#takesNone && this.#dial());
  }

  #failWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const stream of waiting) stream.lose(poolClosed("queued"));
  }
}
