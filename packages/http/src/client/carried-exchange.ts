import type { ClientConnection } from "./client-connection.ts";
import type { ExchangeFailure, ExchangePhase } from "./exchange-failure.ts";

/**
 * An exchange with an endpoint, as far as the connection knows it: it is given the connection, then what is read, and
 * then gives it back by `release` or `handOver`. What it makes of the bytes is its own affair: a proxy hands them on, a
 * client makes objects of them.
 */
export interface CarriedExchange {
  /** How far it has come. */
  readonly phase: ExchangePhase;
  /** What the next read fills: valid only until the read is told, unless it is the exchange's own. */
  readonly buffer: Buffer;
  /** Whether the end of the connection is that of the answer's body. */
  readonly endsWithConnection: boolean;
  /** When it ended, on the policy clock; read at its `release`. */
  readonly atMs: number;
  /** How long the endpoint keeps an idle connection, as its answer says, in ms; -1: it does not say. */
  readonly keepAliveHintMs: number;
  /** Told by the exchange when it is given up before it has a connection. The pool's. */
  onAbandon: ((exchange: CarriedExchange) => void) | undefined;

  /** The connection stands, and is this exchange's. */
  begin(connection: ClientConnection): void;
  /** The first `to` of `bytes` have come. @returns false: read no more until told */
  received(bytes: Buffer, to: number): boolean;
  /**
   * The endpoint closed its side, or all of the connection.
   *
   * @param ended whether by a FIN, and not a reset
   * @param held whether the request has not left
   */
  lost(ended: boolean, how: string, cause: unknown, held: boolean): void;
  /** It comes to nothing. */
  lose(failure: ExchangeFailure): void;
}
