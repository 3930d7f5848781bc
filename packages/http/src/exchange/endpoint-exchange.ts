import type { ClientConnection } from "../client/client-connection.ts";
import type { ExchangeFailure, ExchangePhase } from "../client/exchange-failure.ts";
import type { Fields } from "../head/fields.ts";
import type { ResponseHead } from "../head/response-head.ts";
import type { BodySource } from "../wire/body.ts";

/** The body of an answer. */
export interface EndpointBody extends BodySource {
  /** Whether bytes that come now are taken: it waits for the endpoint, and not for whoever reads. */
  readonly flowing: boolean;
}

/** One request to one endpoint, and its answer, whatever the protocol. */
export interface EndpointExchange {
  /** The final answer's; undefined until it came. */
  readonly head: ResponseHead | undefined;
  /** The whole body when it is small and came with the head or right behind, a character for each byte; "": there is none. */
  readonly text: string | undefined;
  /** Where the body comes from when there is no `text`. Its reader attaches in the tick of `answered`, or later. */
  readonly body: EndpointBody | undefined;
  /** Fields behind the body, when there were any; not before its end. */
  readonly trailers: Fields | undefined;
  /** The connection, when it became a byte tunnel (101, or 2xx to CONNECT); whoever takes it closes it. HTTP/1.1 only. */
  readonly tunnel: ClientConnection | undefined;
  /** What came behind the head of a tunnel. */
  readonly early: Buffer | undefined;
  /** When the head came, with `text` all of it, on the policy clock; from the end of the exchange on, when that was. */
  readonly atMs: number;
  /** How far it has come, for the judgement of a failure. */
  readonly phase: ExchangePhase;
  /** Gives it up. The receiver is not called any more; of HTTP/1.1 the connection ends with it. */
  cut(reason: unknown): void;
}

/** Who waits for the answer. Called in the tick in which the bytes arrive. */
export interface ResponseReceiver {
  /** An interim answer: 1xx but 101. */
  informed(head: ResponseHead): void;
  /** The head of the answer is in `exchange.head`; its body in `exchange.text`, or to come from `exchange.body`. */
  answered(exchange: EndpointExchange): void;
  /** Once, and not after `cut`: the last byte is here, or the exchange failed. A tunnel ends for the exchange at once. */
  ended(exchange: EndpointExchange, failure: ExchangeFailure | undefined): void;
}
