import { Dispatcher, wrapLegacyHandler } from "../undici.ts";

type Handler = Dispatcher.DispatchHandler;

/**
 * Gives a call to the built-in fetch that has been made already: its first dispatch is not sent, but told to `adopt`,
 * which feeds the handler from the exchange that is going on. Later ones, such as redirects, go to `next`.
 */
export class HandOver extends Dispatcher {
  readonly #next: Dispatcher;
  readonly #adopt: (handler: Handler) => void;
  #adopted = false;

  constructor(next: Dispatcher, adopt: (handler: Handler) => void) {
    super();
    this.#next = next;
    this.#adopt = adopt;
  }

  get adopted(): boolean {
    return this.#adopted;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Handler): boolean {
    if (this.#adopted) return this.#next.dispatch(options, handler);
    this.#adopted = true;
    this.#adopt(wrapLegacyHandler(handler));
    return true;
  }
}
