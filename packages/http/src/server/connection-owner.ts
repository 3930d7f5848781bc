import type { ServerConnection } from "./server-connection.ts";
import type { CallerExchange } from "../exchange/caller-exchange.ts";
import type { ServedConnection } from "./served-connection.ts";
import type { ServerLimits } from "./server-limits.ts";

/** The listener, as its connections see it. */
export interface ConnectionOwner {
  readonly limits: ServerLimits;
  /** Whether it is closing: answers from now on are the last of their connections. */
  readonly draining: boolean;
  /** Answers a request, now or later, by the methods of the exchange. */
  readonly handle: (exchange: CallerExchange) => void;
  nowMs(): number;
  /** Bytes that are no request, or came too slowly, were answered with this status. */
  refused(connection: ServedConnection, status: number, code: string, detail: string): void;
  /** The bytes that came first are HTTP/2's: the socket has no listener of the connection left but for its close. */
  speaksHttp2(connection: ServerConnection, first: Buffer): void;
  /** The connection is gone. */
  forget(connection: ServedConnection): void;
}
