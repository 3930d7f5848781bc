import { FIRST_WINDOW, FRAME_BYTES, H2_ERROR, MOST_WINDOW, read32 } from "./frame.ts";

const HEADER_TABLE_SIZE = 0x1;
const ENABLE_PUSH = 0x2;
const MAX_CONCURRENT_STREAMS = 0x3;
const INITIAL_WINDOW_SIZE = 0x4;
const MAX_FRAME_SIZE = 0x5;
const MAX_HEADER_LIST_SIZE = 0x6;
const ENABLE_CONNECT_PROTOCOL = 0x8;
const ENTRY_BYTES = 6;
const MOST_FRAME = 2 ** 24 - 1;
/** No listener takes a longer head, so it is as good as no limit. */
const LONGEST_HEAD = 1024 * 1024;

/** A rule that was broken, and the code of the connection's end. */
export interface Http2Problem {
  readonly code: number;
  readonly detail: string;
}

/** Of a peer's settings those that are as good as known when the next connection to it begins. */
export type ToldSettings = Pick<PeerSettings, "maxStreams" | "maxHeadBytes">;

/** What the peer has said of itself. */
export class PeerSettings {
  headerTable = 4_096;
  /** The least that it was during the last SETTINGS, where it may stand more than once (RFC 7541 4.2). */
  leastHeaderTable = 4_096;
  /** Streams of ours at once. A client may open some before it has heard of a limit. */
  maxStreams: number = Number.POSITIVE_INFINITY;
  /** How large a head of ours may be, by the count of RFC 9113 6.5.2; infinite: without a limit. */
  maxHeadBytes: number = Number.POSITIVE_INFINITY;
  /** Of a new stream of ours. */
  window: number = FIRST_WINDOW;
  /** Whether it takes CONNECT with :protocol (RFC 8441). */
  connectProtocol = false;
  /** SETTINGS have come. */
  known = false;

  /**
   * Takes a SETTINGS frame in. Longer frames than the least that every peer takes are never sent, so a peer's
   * MAX_FRAME_SIZE is checked and not used.
   *
   * @param fromServer whether it is a server's: those must not enable push
   */
  take(bytes: Uint8Array, from: number, to: number, fromServer: boolean): Http2Problem | undefined {
    if (!this.known) this.maxHeadBytes = Number.POSITIVE_INFINITY; // what was told on an earlier connection is over
    this.known = true;
    this.leastHeaderTable = this.headerTable;
    for (let at = from; at < to; at += ENTRY_BYTES) {
      const value = read32(bytes, at + 2);
      const problem = this.#one((bytes[at]! << 8) | bytes[at + 1]!, value, fromServer);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #one(id: number, value: number, fromServer: boolean): Http2Problem | undefined {
    switch (id) {
      case HEADER_TABLE_SIZE:
        this.headerTable = value;
        this.leastHeaderTable = Math.min(this.leastHeaderTable, value);
        return undefined;
      case ENABLE_PUSH:
        if (value <= 1 && !(fromServer && value === 1)) return undefined;
        return { code: H2_ERROR.protocolError, detail: `ENABLE_PUSH ${value} (RFC 9113 6.5.2)` };
      case MAX_CONCURRENT_STREAMS:
        this.maxStreams = value;
        return undefined;
      case INITIAL_WINDOW_SIZE:
        if (value > MOST_WINDOW) {
          return { code: H2_ERROR.flowControlError, detail: `INITIAL_WINDOW_SIZE ${value} (RFC 9113 6.5.2)` };
        }
        this.window = value;
        return undefined;
      case MAX_FRAME_SIZE:
        if (value >= FRAME_BYTES && value <= MOST_FRAME) return undefined;
        return { code: H2_ERROR.protocolError, detail: `MAX_FRAME_SIZE ${value} (RFC 9113 6.5.2)` };
      case ENABLE_CONNECT_PROTOCOL:
        if (value > 1 || (this.connectProtocol && value === 0)) {
          return { code: H2_ERROR.protocolError, detail: `ENABLE_CONNECT_PROTOCOL ${value} (RFC 8441 3)` };
        }
        this.connectProtocol = value === 1;
        return undefined;
      case MAX_HEADER_LIST_SIZE:
        // Who says 0 has no limit, and does not mean that every request is too large (Go's client takes it so, too).
        this.maxHeadBytes = value === 0 || value >= LONGEST_HEAD ? Number.POSITIVE_INFINITY : value;
        return undefined;
      default:
        return undefined; // what is not known is ignored (RFC 9113 6.5.2)
    }
  }
}

/** The payload of our own SETTINGS. @param server whether of the side that listens */
export function settingsPayload(server: boolean, maxStreams: number, window: number, maxHeadBytes: number): Buffer {
  const entries: [number, number][] = [
    [INITIAL_WINDOW_SIZE, window],
    [MAX_HEADER_LIST_SIZE, maxHeadBytes],
  ];
  if (server) entries.push([MAX_CONCURRENT_STREAMS, maxStreams], [ENABLE_CONNECT_PROTOCOL, 1]);
  else entries.push([ENABLE_PUSH, 0]);
  const payload = Buffer.alloc(entries.length * ENTRY_BYTES);
  entries.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * ENTRY_BYTES);
    payload.writeUInt32BE(value, i * ENTRY_BYTES + 2);
  });
  return payload;
}
