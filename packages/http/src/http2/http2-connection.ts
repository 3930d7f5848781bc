import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { HeadLimits } from "../head/head-limits.ts";
import { type HeadProblem, HeadReader } from "../http2-head/head-reader.ts";
import { HeadWriter } from "../http2-head/head-writer.ts";
import { AbuseBudget, COST, REFUND } from "./abuse-budget.ts";
import { coalescing } from "./coalescing.ts";
import { FIRST_WINDOW, FRAME, H2_ERROR } from "./frame.ts";
import { FrameIntake } from "./frame-intake.ts";
import type { Http2Counts, Http2Limits } from "./http2-limits.ts";
import type { Http2Stream } from "./http2-stream.ts";
import type { OutgoingStream } from "./outgoing-stream.ts";
import { Output } from "./output.ts";
import { ParkedStreams } from "./parked-streams.ts";
import { PeerSettings, settingsPayload } from "./settings.ts";
import { StreamRing } from "./stream-ring.ts";

/** What a connection stands on. */
export interface Http2ConnectionPorts {
  readonly limits: Http2Limits;
  readonly headLimits: HeadLimits;
  readonly counts: Http2Counts;
  nowMs(): number;
}

/** Streams that we reset, remembered so long as their last frames may be on their way. */
const MOST_RESET = 1_024;
/** With so much unsent, a peer that asks and does not read is answered no more. */
const UNREAD_BYTES = 4 * 1024 * 1024;
/** Before the first sample. */
const ROUND_TRIP_MS = 1;
/** Servers of gRPC end connections that are asked more often while nothing happens. Source: gRPC proposal A8. */
const ASK_AGAIN_MS = 300_000;

/**
 * One HTTP/2 connection, in either role: its streams, windows, and how it ends. What a header block means, and which
 * streams there may be, is for the two roles to say; how frames are read, for `FrameIntake`.
 *
 *   open --(GOAWAY of either side)--> leaving --(no stream left)--> closed
 *     +--(a broken rule)--> closing: our GOAWAY is on its way, what still comes is read away --> closed
 */
export abstract class Http2Connection {
  readonly socket: Socket;
  readonly limits: Http2Limits;
  readonly headLimits: HeadLimits;
  readonly counts: Http2Counts;
  readonly output: Output;
  readonly writer: HeadWriter;
  readonly heads: HeadReader;
  readonly budget: AbuseBudget;
  readonly peerSettings: PeerSettings = new PeerSettings();
  readonly streams: StreamRing<Http2Stream> = new StreamRing();
  readonly parked: ParkedStreams = new ParkedStreams(this);
  /** What the peer takes of all streams. */
  sendWindow: number = FIRST_WINDOW;
  roundTripMs: number = ROUND_TRIP_MS;
  /** When bytes last came. */
  heardMs: number;
  /** When a PING was last acknowledged. */
  pongMs = -1;
  /** A view of what is being read was handed to somebody who may keep it. */
  lent = false;
  /** Neither side begins a stream any more. */
  leaving = false;
  /** A long read lies in memory of its own, and not in one that the next read fills. Of short ones what is kept is copied. */
  abstract readonly ownReads: boolean;
  /** Whether it is of the side that listens. */
  abstract readonly server: boolean;

  protected readonly intake: FrameIntake;
  /** The highest stream of the peer's that was begun. */
  protected lastPeerId = 0;
  protected state: "open" | "closing" | "closed" = "open";

  readonly #ports: Http2ConnectionPorts;
  readonly #reset: Set<number> = new Set();
  #settingsSentMs = -1;
  #pingSentMs = -1;
  #askedMs = 0;

  constructor(socket: Socket, ports: Http2ConnectionPorts) {
    this.socket = socket;
    this.#ports = ports;
    this.limits = ports.limits;
    this.headLimits = ports.headLimits;
    this.counts = ports.counts;
    this.output = new Output(socket);
    this.writer = new HeadWriter(socket instanceof TLSSocket ? "https" : "http");
    this.heads = new HeadReader(this.headLimits);
    this.intake = new FrameIntake(this);
    this.heardMs = ports.nowMs();
    this.budget = new AbuseBudget(this.heardMs);
    ports.counts.connections++;
    ports.counts.connectionsActive++;
    // Told once more when a handshake has followed the first. Node does not end the connection when it is forbidden.
    socket.once("secure", () => this.fatal(H2_ERROR.protocolError, "TLS renegotiation (RFC 9113 9.2.1)"));
  }

  /** A header block is whole, of a stream that is not open. */
  abstract begun(id: number, block: Buffer, from: number, to: number, endStream: boolean): void;
  /** The same of one that is, and whose peer has not ended it. */
  abstract continued(stream: Http2Stream, block: Buffer, from: number, to: number, endStream: boolean): void;
  /** A stream was ended by the peer. It is not among the open ones any more. */
  abstract resetByPeer(stream: Http2Stream, code: number): void;
  /** The peer has said that it takes no more streams than those up to `lastId`. */
  abstract goneAway(lastId: number, code: number, detail: string): void;
  /** Whether a stream of that id, which is not 0, has never been begun. */
  abstract neverBegun(id: number): boolean;
  /** A stream ended, or the peer takes more of them. */
  abstract roomCame(): void;
  /** The connection is at its end: every stream is lost. */
  protected abstract lost(detail: string, code: number): void;

  nowMs(): number {
    return this.#ports.nowMs();
  }

  /** Bytes have been read. */
  protected hear(): void {
    this.heardMs = this.nowMs();
    coalescing?.began(this.heardMs);
  }

  /** Nothing that comes is taken any more. */
  get deaf(): boolean {
    return this.state !== "open";
  }

  /** Whether a stream may still be begun on it. */
  get usable(): boolean {
    return this.state === "open" && !this.leaving && !this.socket.destroyed;
  }

  /** Our side of the preface. */
  protected start(): void {
    const { limits, headLimits, output } = this;
    const payload = settingsPayload(this.server, limits.maxStreams, limits.streamWindow, headLimits.maxHeadBytes);
    output.frame(FRAME.settings, 0, 0, payload, 0, payload.length);
    output.number(FRAME.windowUpdate, 0, limits.connectionWindow - FIRST_WINDOW);
    this.#settingsSentMs = this.nowMs();
  }

  // What streams call.

  /** It has bytes that wait for a window, or for the socket. */
  park(stream: OutgoingStream): void {
    this.parked.add(stream, this.streams.size);
  }

  /** A stream whose halves are both closed is over. */
  settle(stream: Http2Stream): void {
    if (!stream.localClosed || !stream.remoteClosed || !this.streams.delete(stream.id)) return;
    this.budget.giveBack(REFUND.stream);
    this.counts.streamsActive--;
    this.roomCame();
  }

  /** Ends a stream, with what is still to come of it. */
  resetStream(stream: Http2Stream, code: number): void {
    if (!this.streams.delete(stream.id)) return;
    this.counts.streamsActive--;
    this.tellReset(stream, code);
    this.roomCame();
  }

  /** Tells the peer that a stream is over here: now, unless the role has a reason to do it later. */
  protected tellReset(stream: Http2Stream, code: number): void {
    this.sendReset(stream.id, code);
  }

  // What the frames call.

  sendReset(id: number, code: number): void {
    if (this.state !== "open") return;
    this.counts.resetsSent++;
    this.output.number(FRAME.reset, id, code);
    this.#reset.add(id);
    if (this.#reset.size <= MOST_RESET) return;
    for (const oldest of this.#reset) {
      this.#reset.delete(oldest);
      break;
    }
  }

  /** The peer has ended its half of a stream that is not open here, or reset it. @returns whether that was due */
  endedUnheard(_id: number, _byReset: boolean): boolean {
    return false;
  }

  /** Whether frames of a stream that is not open may still be on their way, because we reset it. */
  wasReset(id: number): boolean {
    return this.#reset.has(id);
  }

  /** Charges the peer for work that it made. @returns whether that was too much, and the connection is at its end */
  charge(points: number, what: string): boolean {
    if (!this.budget.spend(points, this.#ports)) return false;
    this.counts.floods++;
    this.fatal(H2_ERROR.enhanceYourCalm, `too many ${what}`);
    return true;
  }

  /** Cuts off a peer that asks, and does not read what it is answered. @returns whether it was */
  cutUnread(): boolean {
    const unread = this.output.unsent > UNREAD_BYTES;
    return unread && this.charge(Number.POSITIVE_INFINITY, "frames that ask for an answer and do not read it");
  }

  /** Ends the connection for a rule that the peer broke. @param detail in plain words */
  fatal(code: number, detail: string): void {
    if (this.state !== "open") return;
    if (code !== H2_ERROR.noError && code !== H2_ERROR.enhanceYourCalm) this.counts.protocolErrors++;
    this.sendGoaway(this.lastPeerId, code, detail);
    this.state = "closing";
    this.output.flush();
    this.output.close();
    // Ended, and not destroyed: unread input would turn the end into a reset, which overtakes the GOAWAY.
    this.socket.end();
    this.lost(detail, code);
  }

  /** Reads a block that nobody wants, for the table's sake. @returns false when that ended the connection */
  skipBlock(bytes: Buffer, from: number, to: number): boolean {
    const problem = this.heads.skip(bytes, from, to);
    return problem?.kind !== "compression" || !this.endedBy(problem);
  }

  /** What is wrong with a head: the connection's end, or for the role to say. @returns whether the connection ended */
  endedBy(problem: HeadProblem): boolean {
    if (problem.kind !== "compression") return this.charge(COST.malformed, "malformed heads");
    this.fatal(H2_ERROR.compressionError, problem.detail);
    return true;
  }

  settingsAcknowledged(): void {
    if (this.#settingsSentMs < 0) return;
    this.roundTripMs = Math.max(ROUND_TRIP_MS, this.nowMs() - this.#settingsSentMs);
    this.#settingsSentMs = -1;
  }

  pingAcknowledged(): void {
    this.#pingSentMs = -1;
    this.pongMs = this.heardMs;
  }

  // What the roles call.

  sendGoaway(lastId: number, code: number, detail: string): void {
    const text = Buffer.from(detail, "latin1");
    const payload = Buffer.alloc(8 + text.length);
    payload.writeUInt32BE(lastId, 0);
    payload.writeUInt32BE(code, 4);
    text.copy(payload, 8);
    this.counts.goawaysSent++;
    this.output.frame(FRAME.goaway, 0, 0, payload, 0, payload.length);
  }

  /** Asks the peer for a sign of life, unless one is asked for already. */
  ping(): void {
    if (this.#pingSentMs >= 0 || this.state !== "open") return;
    this.#pingSentMs = this.nowMs();
    this.output.frame(FRAME.ping, 0, 0, Buffer.alloc(8), 0, 8);
  }

  /**
   * Asks for a sign of life when there was none for so long; for a connection with streams on it. A silence that goes on
   * behind an answer to a PING is asked about only now and then.
   */
  protected keepAlive(nowMs: number, silentMs: number): void {
    if (nowMs - this.heardMs <= silentMs) return;
    const since = this.heardMs === this.pongMs ? nowMs - this.#askedMs : Number.POSITIVE_INFINITY;
    if (since <= ASK_AGAIN_MS) return;
    this.#askedMs = nowMs;
    this.ping();
  }

  /** Whether SETTINGS or a PING of ours has not been acknowledged in time. */
  protected unanswered(nowMs: number): boolean {
    const { ackMs } = this.limits;
    return isLate(this.#settingsSentMs, nowMs, ackMs) || isLate(this.#pingSentMs, nowMs, ackMs);
  }

  /** The socket is at its end. */
  protected gone(detail: string): void {
    if (this.state === "closed") return;
    const before = this.state;
    this.state = "closed";
    this.counts.connectionsActive--;
    this.output.close();
    if (before === "open") this.lost(detail, H2_ERROR.noError);
  }
}

function isLate(sentMs: number, nowMs: number, withinMs: number): boolean {
  return sentMs >= 0 && nowMs - sentMs > withinMs;
}
