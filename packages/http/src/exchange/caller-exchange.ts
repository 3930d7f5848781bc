import type { Duplex } from "node:stream";
import type { Fields } from "../head/fields.ts";
import type { RequestHead } from "../head/request-head.ts";
import type { BodySink, BodySource } from "../wire/body.ts";
import type { WholeBody } from "../wire/whole-body.ts";

/** Who answers. Set by the handler before it returns; told what the caller does meanwhile. */
export interface ExchangeHooks {
  /**
   * The caller is gone, wants no answer any more, or broke its message, before the exchange was over. Nothing can be
   * answered any more.
   *
   * @param why in plain words
   */
  left(exchange: CallerExchange, why: string): void;
  /** The last byte of the answer was handed to the connection. Not called after `left`, nor for an upgrade. */
  answered(exchange: CallerExchange): void;
  /**
   * The listener ends, and the exchange with it. What is answered now still leaves, where the protocol can say so
   * (HTTP/2). Absent: there is nothing to say.
   */
  closing?(why: string): void;
}

/** For an exchange that nobody has taken yet. */
export const NO_HOOKS: ExchangeHooks = { left: () => {}, answered: () => {} };

/** The caller's connection, or its stream, after its request made it a tunnel. */
export interface CallerTunnel {
  /** Paused. Destroyed when the caller is gone already. */
  readonly socket: Duplex;
  /** What came behind the head. */
  readonly early: Buffer | undefined;
}

/**
 * One request of a caller and what is answered to it, whatever the protocol. Also the sink of an answer whose body comes
 * bit by bit.
 *
 *   open --respond--> over
 *     |--stream--> streaming --end--> over
 *     |--upgrade--> over, and the connection is a tunnel
 *     +--(the caller leaves, or `cut`)--> over
 */
export interface CallerExchange extends BodySink {
  readonly head: RequestHead;
  /** The body, when all of it came with the head; undefined when there is none, or it is still to come. */
  readonly whole: WholeBody | undefined;
  /** Where a body comes from that is still to come. */
  readonly body: BodySource | undefined;
  hooks: ExchangeHooks;
  /** When its head came, on the policy clock. To be asked for while it is handled, and not later. */
  readonly cameMs: number;
  /** The caller's `address:port`. */
  readonly peer: string;
  /** Bytes of the request's body so far. */
  readonly bytesIn: number;
  /** Bytes of the answer's body so far. */
  readonly bytesOut: number;
  /** Of the answer; 0: none was sent. */
  readonly status: number;
  readonly open: boolean;
  readonly over: boolean;

  /** The connection ends with this answer. Before the answer is begun; of HTTP/2, whose connection is other requests' as well, nothing ends. */
  closeAfter(): void;
  /** Sends an interim answer, 1xx, where the caller knows such and reads: what is only a hint is not kept for it. */
  inform(status: number, reason: string, fields: Fields): void;
  /** Tells a caller that waits for it to send its body. Once: what attaches to the body has it told so. */
  continue(): void;
  /**
   * Answers with a body that is all here.
   *
   * @param fields without those that frame the body or are about the connection
   * @param text   the body, a character for each byte
   * @param length what Content-Length says; -1: no such field, as for 204, 304 or a CONNECT that succeeded
   */
  respond(status: number, reason: string, fields: Fields, text: string, length: number): void;
  /** Answers with a body that is still to come from `source`. Parameters as for `respond`. */
  stream(status: number, reason: string, fields: Fields, source: BodySource): void;
  /**
   * Answers 101, or 2xx to CONNECT, and makes the connection a tunnel; over HTTP/2, where no head asks for an upgrade,
   * the stream.
   */
  upgrade(status: number, reason: string, fields: Fields): CallerTunnel;
  /**
   * Breaks the answer off: what has been sent of it does not look complete. Its source is cancelled; nothing more is
   * told of the exchange, nor of its body.
   *
   * @param reason what HTTP/2 says of it: "cancel" for CANCEL, else INTERNAL_ERROR
   */
  cut(reason?: "cancel"): void;
}
