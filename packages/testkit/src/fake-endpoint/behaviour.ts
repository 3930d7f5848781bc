/** What a fake endpoint does with one request, or with one connection. */
export type Behaviour = RequestBehaviour | ConnectionBehaviour;

/** What happens once a request has been read to its end. */
export type RequestBehaviour =
  | Answer
  /** Goes silent until `release()`, then goes on with the answer. */
  | { readonly kind: "stall"; readonly at: "before-head" | "inside-body"; readonly answer?: Answer }
  /** Resets the connection (TCP RST): instead of an answer, or after half of the answer's body. */
  | { readonly kind: "reset"; readonly at: "request" | "body"; readonly answer?: Answer }
  /** Closes the connection (TCP FIN) without an answer: what a client sees that lost the keep-alive race. */
  | { readonly kind: "close" }
  /** Closes the connection after half of the answer's body, framed by content-length or in chunks. */
  | { readonly kind: "truncate"; readonly answer?: Answer }
  /** Sends these bytes, by default some that are no HTTP, and closes the connection. */
  | { readonly kind: "garbage"; readonly bytes?: string | Uint8Array };

/**
 * What happens once a connection has been accepted, before any request on it. As a default it applies to the requests
 * on older connections as well.
 */
export type ConnectionBehaviour =
  /** Resets the connection at once. */
  | { readonly kind: "reset"; readonly at: "accept" }
  /** Keeps the connection open, takes what comes, and never answers: a process that no longer runs its loop. */
  | { readonly kind: "hang" };

/** An answer to a request. `{}` is 200 with the echo of what was received. */
export interface Answer {
  readonly kind?: "answer";
  /** Three digits. Default 200. */
  readonly status?: number;
  /** Sent as given, beside those of the framing. `content-length` given here is believed, even when it is a lie. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Default: what was received, as JSON (see `Echo`). */
  readonly body?: string | Uint8Array;
  /** Sends the body in two chunks rather than with its length. Default false. */
  readonly chunked?: boolean;
  /** Waits so long before the head, in ms, by the endpoint's timer. Default 0: not at all. */
  readonly delayMs?: number;
  /** Responses sent before, at once: statuses 100 to 199. */
  readonly informational?: readonly Pick<Answer, "status" | "headers">[];
  /**
   * Closes the connection after the answer without having said so: the client may be using it again already.
   * Default false: kept open, unless either side says `connection: close`.
   */
  readonly thenClose?: boolean;
}

/** The JSON body of an answer that names no other. */
export interface Echo {
  /** Name of the endpoint. */
  readonly endpoint: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The request's body as UTF-8. */
  readonly body: string;
  /** Which connection of the endpoint, from 1. */
  readonly connection: number;
  /** Which request of the endpoint, from 1. */
  readonly request: number;
}

export function isConnectionBehaviour(behaviour: Behaviour): behaviour is ConnectionBehaviour {
  return behaviour.kind === "hang" || (behaviour.kind === "reset" && behaviour.at === "accept");
}

/** What `at` may say, by kind. None: the kind has no such place. */
const PLACES: Readonly<Record<NonNullable<Behaviour["kind"]>, readonly string[]>> = {
  answer: [],
  stall: ["before-head", "inside-body"],
  reset: ["accept", "request", "body"],
  close: [],
  truncate: [],
  garbage: [],
  hang: [],
};

/**
 * Finds what a program without types has misspelt: the client of such a behaviour would wait for an answer for ever.
 *
 * @returns the behaviour
 * @throws RangeError for a kind or a place that there is not
 */
export function checked<Some extends Behaviour>(behaviour: Some): Some {
  const { kind = "answer", at }: { readonly kind?: string; readonly at?: unknown } = behaviour;
  const places = Object.entries(PLACES).find(([known]) => known === kind)?.[1];
  if (places === undefined) {
    throw new RangeError(`a fake endpoint cannot "${kind}"; it can ${Object.keys(PLACES).join(", ")}`);
  }
  if (places.length > 0 && !places.some((place) => place === at)) {
    throw new RangeError(`a fake endpoint cannot ${kind} at "${String(at)}"; it can at ${places.join(", ")}`);
  }
  return behaviour;
}
