import type { Endpoint } from "@weft/core";
import type { Dispatcher } from "../undici.ts";
import type { Attempt } from "./attempt.ts";
import type { Phase } from "./classify-failure.ts";
import type { Link } from "./connection.ts";
import type { Sender } from "./exchange.ts";

/**
 * The way of an attempt that somebody else's dispatcher sends: of it is known whether that has returned, and no more.
 * No network answers within the call, so what fails until then is usually the dispatcher, or what it was given.
 */
export class OthersDispatcher implements Link {
  readonly #send: Sender;
  #returned = false;

  constructor(send: Sender) {
    this.#send = send;
  }

  /** @throws whatever the dispatcher does */
  send(endpoint: Endpoint, options: Dispatcher.DispatchOptions, attempt: Attempt): void {
    this.#send(endpoint, options, attempt);
    this.#returned = true;
  }

  phaseUnbegun(): Phase {
    return this.#returned ? "connecting" : "handing over";
  }

  /** Its connections are its own affair. */
  drop(): void {}
}
