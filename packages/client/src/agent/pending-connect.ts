import type { Socket } from "node:net";
import type { FailureFacts } from "@weft/runtime";

/** What came of an attempt to get a connection: undefined when the request has one, or needs none any more. */
export type Connecting = (FailureFacts & { readonly cause: unknown }) | undefined;

/**
 * An attempt to get a request its connection, while nothing has come of it: the socket on its way is ours to destroy,
 * for node:http does not know it yet.
 */
export class PendingConnect {
  readonly #result = Promise.withResolvers<Connecting>();
  #socket: Socket | undefined = undefined;
  #abandon: () => void = () => {};

  /** Never rejects. */
  get result(): Promise<Connecting> {
    return this.#result.promise;
  }

  /** @param abandon gives the connect up */
  dialling(socket: Socket, abandon: () => void): void {
    this.#socket = socket;
    this.#abandon = abandon;
  }

  /** Whether this is the connect it waits for, and not one that was given up. */
  awaits(socket: Socket): boolean {
    return this.#socket === socket;
  }

  /** What comes of the connect on its way is told to nobody any more. */
  hangUp(): void {
    if (this.#socket === undefined) return;
    this.#socket = undefined;
    this.#abandon();
  }

  /** It has come to that. */
  settle(connecting: Connecting): void {
    this.#socket = undefined;
    this.#result.resolve(connecting);
  }
}
