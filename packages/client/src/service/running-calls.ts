import type { OngoingCall } from "@weft/core";

/** The calls that have not ended, so that closing can wait for them and cut those that take too long. */
export class RunningCalls {
  readonly #calls = new Set<OngoingCall>();
  #none: PromiseWithResolvers<void> | undefined = undefined;

  get size(): number {
    return this.#calls.size;
  }

  add(call: OngoingCall): void {
    this.#calls.add(call);
  }

  delete(call: OngoingCall): void {
    this.#calls.delete(call);
    if (this.#none !== undefined && this.#calls.size === 0) this.#none.resolve();
  }

  /** Resolves when none is left; at once when none is there. */
  ended(): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve();
    return (this.#none ??= Promise.withResolvers<void>()).promise;
  }

  cut(reason: (call: OngoingCall) => unknown): void {
    for (const call of this.#calls) call.cut(reason(call));
  }
}
