import { Expiring, type TimeoutQueue } from "@weft/core";

/** Whose answer may not keep it waiting for too long. */
export interface IdleOwner {
  /** Nothing more came in time. */
  stalled(): void;
}

/** How long the next piece of an answer is waited for. Most come whole, within a deadline, and never make one. */
export class IdleLimit extends Expiring {
  readonly #owner: IdleOwner;

  constructor(owner: IdleOwner) {
    super();
    this.#owner = owner;
  }

  restart(timeouts: TimeoutQueue, nowMs: number): void {
    timeouts.add(this, nowMs);
  }

  expire(): void {
    this.#owner.stalled();
  }
}
