/** What the connections to one endpoint come to. Plain numbers, counted on directly; whoever shows them holds the same object. */
export interface ConnectionCounts {
  /** Exchanges that got a connection, or had one opened for them. */
  attempts: number;
  /** That came about, and those that are there. */
  connections: number;
  connectionsActive: number;
  /** That did not; those that took too long are among them. */
  connectFailures: number;
  connectTimeouts: number;
  /** Ended by the endpoint, and by us. */
  closedByEndpoint: number;
  closedHere: number;
  /** Ended by the endpoint while an exchange was under way. */
  lostInUse: number;
  /** On the wire, heads included; counted when a connection ends. */
  bytesSent: number;
  bytesReceived: number;
}

/** All zero: for those whom nobody counts. */
export function connectionCounts(): ConnectionCounts {
  return {
    attempts: 0,
    connections: 0,
    connectionsActive: 0,
    connectFailures: 0,
    connectTimeouts: 0,
    closedByEndpoint: 0,
    closedHere: 0,
    lostInUse: 0,
    bytesSent: 0,
    bytesReceived: 0,
  };
}
