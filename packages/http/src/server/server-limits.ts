import type { HeadLimits } from "../head/head-parser.ts";

/** What a listener grants its callers. Every time is in ms, > 0, Infinity for none; every count >= 0. */
export interface ServerLimits extends HeadLimits {
  /** Connections at once; further ones are closed as they come. Default 10,000. */
  readonly maxConnections: number;
  /**
   * From the first byte of a head to its end: 408 and close. Also from a connection's start to its first byte: close.
   * Default 10 s (reference edge 3.1).
   */
  readonly headMs: number;
  /** Between two requests of a connection. Default 75 s: must exceed what is in front of us. */
  readonly idleMs: number;
  /**
   * A connection of HTTP/2 with streams on it that brings nothing for so long is asked for a sign of life by PING, and
   * closed when none comes. Default 5 min: as long as a caller may bring nothing of a body.
   */
  readonly keepAliveMs: number;
  /** Of a request's body, once it has had `bodyGraceMs`, while we wait for it. In bytes a second. Default 1 KiB; 408. */
  readonly minBodyRate: number;
  readonly bodyGraceMs: number;
  /**
   * A caller that takes nothing of its answer for so long is cut; one that brings nothing of its body, while we wait for
   * it, gets 408. Default 5 min (Envoy's stream idle timeout).
   */
  readonly stallMs: number;
  /** Requests of one connection before it is closed; 0: any number. Default 0. */
  readonly maxRequests: number;
}

export const SERVER_LIMITS: ServerLimits = {
  maxHeadBytes: 16 * 1024,
  maxFields: 100,
  underscores: "drop",
  maxConnections: 10_000,
  headMs: 10_000,
  idleMs: 75_000,
  keepAliveMs: 300_000,
  minBodyRate: 1_024,
  bodyGraceMs: 5_000,
  stallMs: 300_000,
  maxRequests: 0,
};
