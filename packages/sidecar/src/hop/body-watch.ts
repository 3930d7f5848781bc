import { type Clock, Expiring, type TimeoutQueue } from "@weft/core";

/** How often it looks in the time that an endpoint may be silent: a silence is noticed so much of it late, at most. */
const LOOKS = 4;

/** An attempt whose answer is watched. */
interface SilentAttempt {
  /** The endpoint has sent nothing more for too long. */
  silent(): void;
}

/**
 * Gives an answer up whose endpoint sends nothing more of its body for `timeout.idle`. It looks now and then whether
 * something came, rather than set a timer with each piece. While it is the caller who takes nothing, the endpoint is
 * not to blame. Made for answers alone that do not come whole with their head.
 */
export class BodyWatch extends Expiring {
  readonly #attempt: SilentAttempt;
  readonly #body: { readonly flowing: boolean };
  readonly #answer: { readonly bytesOut: number };
  readonly #looks: TimeoutQueue;
  readonly #clock: Clock;
  #seen = 0;
  #silentLooks = 0;

  /**
   * @param body   flowing: it waits for the endpoint, and not for the caller
   * @param answer what of it the caller has been sent
   * @param looks  a queue of the length that `lookEveryMs` gives
   */
  constructor(
    attempt: SilentAttempt,
    body: { readonly flowing: boolean },
    answer: { readonly bytesOut: number },
    looks: TimeoutQueue,
    clock: Clock,
  ) {
    super();
    this.#attempt = attempt;
    this.#body = body;
    this.#answer = answer;
    this.#looks = looks;
    this.#clock = clock;
    this.#lookAgain();
  }

  expire(): void {
    const { bytesOut } = this.#answer;
    const silent = this.#body.flowing && bytesOut === this.#seen;
    this.#seen = bytesOut;
    this.#silentLooks = silent ? this.#silentLooks + 1 : 0;
    if (this.#silentLooks >= LOOKS) this.#attempt.silent();
    else this.#lookAgain();
  }

  #lookAgain(): void {
    this.#looks.add(this, this.#clock.nowMs());
  }
}

/** How long it waits between two looks. @param idleMs how long an endpoint may be silent, > 0 */
export function lookEveryMs(idleMs: number): number {
  return idleMs / LOOKS;
}
