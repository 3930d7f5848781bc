import { Expiring, type TimeoutQueue } from "@weft/core";

/** Whose body may not stand still for too long. */
export interface IdleOwner {
  /** Nothing more came in time. */
  stalled(): void;
}

/** How long the next piece of a body is waited for. Most answers come whole, and never make one. */
export class IdleLimit extends Expiring {
  readonly #owner: IdleOwner;
  readonly #timeouts: TimeoutQueue;

  constructor(owner: IdleOwner, timeouts: TimeoutQueue) {
    super();
    this.#owner = owner;
    this.#timeouts = timeouts;
  }

  restart(nowMs: number): void {
    this.#timeouts.add(this, nowMs);
  }

  expire(): void {
    this.#owner.stalled();
  }
}
