import { maxHeaderSize } from "node:http";
import { authority, type ConcurrencyLimit, type Endpoint } from "@weft/core";
import { connectionCounts, type DialOptions, type DialTarget, EndpointPool } from "@weft/http/client";
import type { ConnectionOptions } from "../dispatch/connection.ts";
import { EndpointConnections } from "../dispatch/endpoint-connections.ts";
import type { PlainPorts } from "../plain/plain-ports.ts";

export interface EndpointWaysOptions {
  readonly target: DialTarget;
  readonly dial: DialOptions;
  /** For undici's connections to it. */
  readonly undici: ConnectionOptions;
  /** Of the service: over all endpoints, and both kinds. */
  readonly limit: ConcurrencyLimit;
  /** A connection lies idle, or ended. */
  readonly onRoom: () => void;
}

/** How long a connection lies idle, and the most where the endpoint says how long it keeps one. Source: undici. */
const IDLE_MS = 4_000;
const HINTED_IDLE_MS = 600_000;
/** How long a head is waited for where no policy says it. Source: undici. */
const HEAD_MS = 300_000;
/** undici counts names and values alone, to what Node takes: the rest of their lines is no more than that. */
const MAX_HEAD_BYTES = 2 * maxHeaderSize;
const HEAD_LIMITS = {
  maxHeadBytes: MAX_HEAD_BYTES,
  maxFields: MAX_HEAD_BYTES, // they bound themselves
  underscores: "keep",
  bodyOf204: "ignore",
} as const;

/** The connections to one endpoint: ours, for requests that are like most, and undici's for all others. */
export class EndpointWays {
  /** `host:port` it connects to. */
  readonly address: string;
  readonly plain: EndpointPool;
  /** For exchanges on `plain`: of calls that have a deadline or a timeout for each attempt, and of others. */
  readonly bounded: PlainPorts;
  readonly unbounded: PlainPorts;
  readonly rare: EndpointConnections;

  constructor(endpoint: Endpoint, options: EndpointWaysOptions) {
    const { target, dial, undici, limit, onRoom } = options;
    const { bodyMs } = undici;
    this.address = authority(endpoint.host, endpoint.port);
    this.plain = new EndpointPool(endpoint, target, {
      dial,
      headLimits: HEAD_LIMITS,
      idleMs: IDLE_MS,
      hintedIdleMs: HINTED_IDLE_MS,
      limit,
      counts: connectionCounts(),
      onRoom,
      transient: true,
    });
    const bodyLimit = bodyMs === 0 ? Number.POSITIVE_INFINITY : bodyMs;
    this.bounded = { timeouts: dial.timeouts, bodyMs: bodyLimit, headMs: Number.POSITIVE_INFINITY };
    this.unbounded = { ...this.bounded, headMs: HEAD_MS };
    this.rare = new EndpointConnections(undici, limit);
  }

  /** Ends one idle connection, to make room for another endpoint's. False when none is idle. */
  dropIdle(): boolean {
    return this.plain.dropIdle() || this.rare.dropIdle();
  }

  /** Ends idle connections now, and each other one when its exchange ends. */
  close(): void {
    this.plain.close();
    this.rare.close();
  }

  /** Ends every connection now. */
  destroy(): void {
    this.plain.destroy();
    this.rare.destroy();
  }
}
