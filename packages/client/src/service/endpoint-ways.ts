import { maxHeaderSize } from "node:http";
import { authority, type ConcurrencyLimit, type Endpoint } from "@weft/core";
import { connectionCounts, type DialOptions, type DialTarget, EndpointPool } from "@weft/http/client";
import type { ConnectionOptions } from "../dispatch/connection.ts";
import { EndpointConnections } from "../dispatch/endpoint-connections.ts";
import type { PlainPorts } from "../plain/plain-exchange.ts";

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

/** An endpoint closes a connection that lies idle for so long, unless it says otherwise. Source: undici. */
const IDLE_MS = 4_000;
/** As much as Node takes, and so undici; neither counts fields. */
const HEAD_LIMITS = { maxHeadBytes: maxHeaderSize, maxFields: 2_000, underscores: "keep" } as const;

/** The connections to one endpoint: ours, for requests that are like most, and undici's for all others. */
export class EndpointWays {
  /** `host:port` it connects to. */
  readonly address: string;
  readonly plain: EndpointPool;
  /** For exchanges on `plain`. */
  readonly ports: PlainPorts;
  readonly rare: EndpointConnections;

  constructor(endpoint: Endpoint, options: EndpointWaysOptions) {
    const { target, dial, undici, limit, onRoom } = options;
    const { bodyMs } = undici;
    this.address = authority(endpoint.host, endpoint.port);
    this.plain = new EndpointPool(endpoint, target, {
      dial,
      headLimits: HEAD_LIMITS,
      idleMs: IDLE_MS,
      limit,
      counts: connectionCounts(),
      onRoom,
      transient: true,
    });
    this.ports = { timeouts: dial.timeouts, bodyMs: bodyMs === 0 ? Number.POSITIVE_INFINITY : bodyMs };
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
