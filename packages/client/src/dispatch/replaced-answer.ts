import type { Controller } from "./exchange.ts";

/** A body up to that size is read away, to keep the connection; beyond, it is closed. */
const DRAINED_BYTES = 64 * 1024;

/** An answer that nobody wants any more, because a retry took its place: read away where that is little, or else cut. */
export class ReplacedAnswer {
  readonly #controller: Controller;
  #bytes = 0;

  /** @param controller of the answer, which is paused */
  constructor(controller: Controller) {
    this.#controller = controller;
  }

  /** Begins to read it away. What comes may come at once. @param announcedBytes its Content-Length; 0: it says none */
  begin(announcedBytes: number): void {
    if (announcedBytes > DRAINED_BYTES) this.cut();
    else this.#controller.resume();
  }

  /** So much more of it has come. */
  received(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > DRAINED_BYTES) this.cut();
  }

  cut(): void {
    this.#controller.abort(new Error("a retry replaced this answer"));
  }
}
