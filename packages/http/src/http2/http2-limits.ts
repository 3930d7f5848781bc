/** What a connection grants its peer, in HTTP/2's own terms. */
export interface Http2Limits {
  /** Streams of a caller at once, >= 1; further ones are refused. Default 250 (reference engine-h2 9). */
  readonly maxStreams: number;
  /**
   * What a caller may send of one stream before we have passed it on, in bytes, from 65,535 up. Also the most that a
   * stalled stream holds here, until its window grows. Default 256 KiB (reference engine-h2 8).
   */
  readonly streamWindow: number;
  /** Up to where a stream's window grows when bandwidth needs it. Default 1 MiB. */
  readonly mostStreamWindow: number;
  /** The same of the whole connection. Default 8 MiB. */
  readonly connectionWindow: number;
  /** CONTINUATION frames of one header block. Default 16. */
  readonly maxContinuations: number;
  /** How long a peer may take to acknowledge our SETTINGS or a PING, in ms. Default 10 s. */
  readonly ackMs: number;
}

export const HTTP2_LIMITS: Http2Limits = {
  maxStreams: 250,
  streamWindow: 256 * 1024,
  mostStreamWindow: 1024 * 1024,
  connectionWindow: 8 * 1024 * 1024,
  maxContinuations: 16,
  ackMs: 10_000,
};

/** What happened on the HTTP/2 connections of a listener, or to an endpoint. Numbers only grow, but for `...Active`. */
export interface Http2Counts {
  connections: number;
  connectionsActive: number;
  streams: number;
  streamsActive: number;
  /** Streams that the peer reset, and that we did. */
  resetsReceived: number;
  resetsSent: number;
  /** Streams given up whose endpoint was not told at once, or never: it would have ended the connection. */
  resetsWithheld: number;
  /** Streams refused for want of room, by us or by the peer. */
  refusedStreams: number;
  goawaysReceived: number;
  goawaysSent: number;
  /** Connections ended because the peer broke a rule of the protocol. */
  protocolErrors: number;
  /** Connections ended because the peer made work for nothing. */
  floods: number;
  /** Streams ended because all of them together held too much memory. */
  memoryResets: number;
  /** Connections whose peer no longer answered a PING or our SETTINGS. */
  unanswered: number;
}

export function http2Counts(): Http2Counts {
  return {
    connections: 0,
    connectionsActive: 0,
    streams: 0,
    streamsActive: 0,
    resetsReceived: 0,
    resetsSent: 0,
    resetsWithheld: 0,
    refusedStreams: 0,
    goawaysReceived: 0,
    goawaysSent: 0,
    protocolErrors: 0,
    floods: 0,
    memoryResets: 0,
    unanswered: 0,
  };
}
