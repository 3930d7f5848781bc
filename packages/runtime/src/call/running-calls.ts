import type { OngoingCall } from "@weft/core";

/** A call in the list. The two neighbours belong to the list. */
export interface Running {
  readonly call: OngoingCall;
  earlier: Running | undefined;
  later: Running | undefined;
}

/**
 * The calls that have not ended, so that closing can wait for them and cut those that take too long.
 *
 * A list through the calls themselves: a Set would grow and shrink its table with each of them.
 */
export class RunningCalls {
  #first: Running | undefined = undefined;
  #none: PromiseWithResolvers<void> | undefined = undefined;

  /** Before anything can end the call. */
  add(running: Running): void {
    running.later = this.#first;
    if (this.#first !== undefined) this.#first.earlier = running;
    this.#first = running;
  }

  /** Once for each that was added. */
  delete(running: Running): void {
    const { earlier, later } = running;
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later !== undefined) later.earlier = earlier;
    running.earlier = running.later = undefined;
    if (this.#none !== undefined && this.#first === undefined) this.#noneLeft(this.#none);
  }

  /** Resolves when none is left; at once when none is there. */
  ended(): Promise<void> {
    if (this.#first === undefined) return Promise.resolve();
    return (this.#none ??= Promise.withResolvers<void>()).promise;
  }

  /** @param reason made anew for each call */
  cut(reason: () => unknown): void {
    const calls: OngoingCall[] = []; // what a cut call does may end others
    for (let running = this.#first; running !== undefined; running = running.later) calls.push(running.call);
    for (const call of calls) call.cut(reason());
  }

  #noneLeft(waiting: PromiseWithResolvers<void>): void {
    this.#none = undefined; // who asks again waits for the calls that come after
    waiting.resolve();
  }
}
