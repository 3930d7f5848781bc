import type { ConcurrencyLimit } from "@weft/core";
import { Connection, type ConnectionOptions, type ConnectionOwner } from "./connection.ts";

/**
 * The connections to one endpoint. The one used last is used first, so that in quiet times the others are closed by
 * their idle timeout instead of all being kept half alive.
 *
 * There is no queue: a call that finds no idle connection opens one, and `limits.connections` bounds how many a
 * service may have.
 */
export class EndpointConnections implements ConnectionOwner {
  readonly #options: ConnectionOptions;
  readonly #limit: ConcurrencyLimit;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  #closed = false;

  constructor(options: ConnectionOptions, limit: ConcurrencyLimit) {
    this.#options = options;
    this.#limit = limit;
  }

  /**
   * @param fresh not one that has lain idle: the last attempt met one that its endpoint had closed
   * @returns undefined when the limit is reached
   */
  take(fresh = false): Connection | undefined {
    const idle = fresh ? undefined : this.#idle.pop();
    if (idle !== undefined) {
      idle.use = "busy";
      return idle;
    }
    if (!this.#limit.tryAcquire()) return undefined;
    const connection = new Connection(this.#options, this);
    this.#all.add(connection);
    connection.onDisconnect = () => {
      if (connection.use === "idle") this.#drop(connection);
    };
    return connection;
  }

  /** The exchange on it is over. */
  giveBack(connection: Connection): void {
    if (connection.use !== "busy") return;
    if (this.#closed) {
      this.#drop(connection);
      return;
    }
    connection.use = "idle";
    this.#idle.push(connection);
  }

  /** Never reached the endpoint, or left it in doubt: not to be used again. */
  discard(connection: Connection): void {
    this.#drop(connection);
  }

  /** Ends one idle connection, to make room for another endpoint's. False when none is idle. */
  dropIdle(): boolean {
    const oldest = this.#idle[0];
    if (oldest !== undefined) this.#drop(oldest);
    return oldest !== undefined;
  }

  /** Ends idle connections now, and each other one when its exchange ends. */
  close(): void {
    this.#closed = true;
    while (this.dropIdle());
  }

  /** Ends every connection now. */
  destroy(): void {
    this.#closed = true;
    for (const connection of this.#all) this.#drop(connection);
  }

  #drop(connection: Connection): void {
    if (connection.use === "gone") return;
    if (connection.use === "idle") this.#idle.splice(this.#idle.indexOf(connection), 1);
    connection.use = "gone";
    this.#all.delete(connection);
    this.#limit.release();
    connection.destroy();
  }
}
