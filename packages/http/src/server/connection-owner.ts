import type { ServerConnection } from "./server-connection.ts";
import type { ServerExchange } from "./server-exchange.ts";
import type { ServerLimits } from "./server-limits.ts";

/** The listener, as its connections see it. */
export interface ConnectionOwner {
  readonly limits: ServerLimits;
  /** Whether it is closing: answers from now on are the last of their connections. */
  readonly draining: boolean;
  /** Answers a request, now or later, by the methods of the exchange. */
  readonly handle: (exchange: ServerExchange) => void;
  nowMs(): number;
  /** Bytes that are no request, or came too slowly, were answered with this status. */
  refused(connection: ServerConnection, status: number, code: string, detail: string): void;
  /** The connection is gone. */
  forget(connection: ServerConnection): void;
}
