import { COST } from "./abuse-budget.ts";
import { FLAG, FRAME, H2_ERROR, MOST_WINDOW, read31, read32 } from "./frame.ts";
import type { Http2Connection } from "./http2-connection.ts";

/** Of the text in a GOAWAY so much is looked at. */
const TEXT_BYTES = 128;
const NOTHING = Buffer.alloc(0);

/** The frames that are about the connection, or about a stream as a whole. Source: RFC 9113 6.3 to 6.9. */
export class ControlFrames {
  readonly #connection: Http2Connection;

  constructor(connection: Http2Connection) {
    this.#connection = connection;
  }

  take(type: number, flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    switch (type) {
      case FRAME.windowUpdate:
        return this.#windowUpdate(id, bytes, from, to);
      case FRAME.reset:
        return this.#reset(id, bytes, from, to);
      case FRAME.settings:
        return this.#settings(flags, id, bytes, from, to);
      case FRAME.ping:
        return this.#ping(flags, id, bytes, from, to);
      case FRAME.goaway:
        return this.#goaway(id, bytes, from, to);
      case FRAME.priority:
        return this.#priority(id, bytes, from, to);
      case FRAME.pushPromise:
        return this.#broken("PUSH_PROMISE, which nobody may send (RFC 9113 8.4)");
      default:
        // What is not known is ignored (RFC 9113 5.5).
        this.#connection.charge(COST.other, "unknown frames");
    }
  }

  /** Taken for advice, and not followed (RFC 9113 5.3); its size is checked. */
  #priority(id: number, bytes: Buffer, from: number, to: number): void {
    const connection = this.#connection;
    if (id === 0) return this.#broken("PRIORITY on stream 0 (RFC 9113 6.3)");
    if (connection.charge(COST.other, "PRIORITY frames")) return;
    const code = to - from !== 5 ? H2_ERROR.frameSizeError : H2_ERROR.protocolError;
    if (to - from === 5 && read31(bytes, from) !== id) return;
    const stream = connection.streams.get(id);
    if (stream !== undefined) stream.malformed("PRIORITY of a wrong size, or on itself (RFC 9113 5.3.1, 6.3)", code);
    // A stream that is idle cannot be reset.
    else if (connection.neverBegun(id)) connection.fatal(code, "PRIORITY of a wrong size, or on itself (RFC 9113 6.3)");
    else connection.sendReset(id, code);
  }

  #reset(id: number, bytes: Buffer, from: number, to: number): void {
    const connection = this.#connection;
    if (to - from !== 4) return this.#wrongSize("RST_STREAM", "6.4");
    if (id === 0 || connection.neverBegun(id)) return this.#broken("RST_STREAM of an idle stream (RFC 9113 6.4)");
    const stream = connection.streams.get(id);
    // An endpoint resets what we have begun ourselves: overloaded, or behind its deadlines, it resets them all.
    const cost = stream === undefined ? COST.other : connection.server ? COST.reset : 0;
    if (connection.charge(cost, "RST_STREAM frames")) return;
    if (stream === undefined) return void connection.endedUnheard(id, true);
    connection.counts.resetsReceived++;
    connection.counts.streamsActive--;
    connection.streams.delete(id);
    connection.resetByPeer(stream, read32(bytes, from));
    connection.roomCame();
  }

  #settings(flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    const connection = this.#connection;
    const { peerSettings } = connection;
    if (id !== 0) return this.#broken("SETTINGS on a stream (RFC 9113 6.5)");
    if ((flags & FLAG.ack) !== 0) return this.#settingsAck(to - from);
    if ((to - from) % 6 !== 0) return this.#wrongSize("SETTINGS", "6.5");
    if (peerSettings.known && connection.charge(COST.settings, "SETTINGS")) return;
    const { window } = peerSettings;
    const problem = peerSettings.take(bytes, from, to, !connection.server);
    if (problem !== undefined) return connection.fatal(problem.code, problem.detail);
    connection.writer.tableSize(peerSettings.leastHeaderTable);
    connection.writer.tableSize(peerSettings.headerTable);
    const change = peerSettings.window - window;
    if (change !== 0 && !this.#changeWindows(change)) return;
    this.#answer(FRAME.settings, NOTHING, 0, 0);
    if (change > 0) connection.parked.pump();
    connection.roomCame();
  }

  /** A new first window counts for streams that are open as well. @returns false when that ended the connection */
  #changeWindows(change: number): boolean {
    for (const stream of this.#connection.streams) {
      stream.sendWindow += change;
      if (stream.sendWindow <= MOST_WINDOW) continue;
      this.#connection.fatal(H2_ERROR.flowControlError, "a window above 2^31-1 (RFC 9113 6.9.2)");
      return false;
    }
    return true;
  }

  #settingsAck(length: number): void {
    if (length !== 0) return this.#wrongSize("SETTINGS with ACK", "6.5");
    if (!this.#connection.charge(COST.other, "SETTINGS")) this.#connection.settingsAcknowledged();
  }

  #ping(flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    if (id !== 0) return this.#broken("PING on a stream (RFC 9113 6.7)");
    if (to - from !== 8) return this.#wrongSize("PING", "6.7");
    if (this.#connection.charge(COST.ping, "PING frames")) return;
    if ((flags & FLAG.ack) !== 0) this.#connection.pingAcknowledged();
    else this.#answer(FRAME.ping, bytes, from, to);
  }

  /** Acknowledges, unless the peer asks and does not read. */
  #answer(type: number, bytes: Buffer, from: number, to: number): void {
    if (!this.#connection.cutUnread()) this.#connection.output.frame(type, FLAG.ack, 0, bytes, from, to);
  }

  #goaway(id: number, bytes: Buffer, from: number, to: number): void {
    const connection = this.#connection;
    if (id !== 0) return this.#broken("GOAWAY on a stream (RFC 9113 6.8)");
    if (to - from < 8) return this.#wrongSize("GOAWAY", "6.8");
    if (connection.charge(COST.other, "GOAWAY frames")) return;
    connection.counts.goawaysReceived++;
    const text = bytes.toString("latin1", from + 8, Math.min(to, from + 8 + TEXT_BYTES));
    connection.goneAway(read31(bytes, from), read32(bytes, from + 4), text);
  }

  #windowUpdate(id: number, bytes: Buffer, from: number, to: number): void {
    const connection = this.#connection;
    if (to - from !== 4) return this.#wrongSize("WINDOW_UPDATE", "6.9");
    if (connection.charge(COST.other, "WINDOW_UPDATE frames")) return;
    const more = read31(bytes, from);
    if (id === 0) return this.#connectionWindow(more);
    const stream = connection.streams.get(id);
    if (stream === undefined) {
      if (connection.neverBegun(id)) this.#broken("WINDOW_UPDATE of an idle stream (RFC 9113 5.1)");
    } else if (more === 0) stream.malformed("WINDOW_UPDATE by 0 (RFC 9113 6.9)");
    else if (stream.sendWindow + more > MOST_WINDOW) {
      stream.malformed("a window above 2^31-1 (RFC 9113 6.9.1)", H2_ERROR.flowControlError);
    } else {
      stream.sendWindow += more;
      if (stream.waits) connection.parked.pump();
    }
  }

  #connectionWindow(more: number): void {
    const connection = this.#connection;
    if (more === 0) return this.#broken("WINDOW_UPDATE by 0 (RFC 9113 6.9)");
    connection.sendWindow += more;
    if (connection.sendWindow <= MOST_WINDOW) connection.parked.pump();
    else connection.fatal(H2_ERROR.flowControlError, "a window above 2^31-1 (RFC 9113 6.9.1)");
  }

  #wrongSize(what: string, section: string): void {
    this.#connection.fatal(H2_ERROR.frameSizeError, `${what} of a wrong size (RFC 9113 ${section})`);
  }

  #broken(detail: string): void {
    this.#connection.fatal(H2_ERROR.protocolError, detail);
  }
}
