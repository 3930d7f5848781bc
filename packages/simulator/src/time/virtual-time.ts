import type { Time } from "@weft/core";
import { type Due, EventHeap } from "./event-heap.ts";

/**
 * A clock that stands still until the simulation moves it, and timers that wait for that.
 *
 * Not testkit's `FakeTime`: that one lets every promise settle after each timer, which takes longer than a whole call
 * does here. Whoever moves this clock looks at `unsettled` and lets promises go on only where there are any.
 */
export class VirtualTime implements Time {
  readonly events: EventHeap = new EventHeap();
  now = 0;
  /** Something may go on at this very instant in a microtask: let it, before the clock moves. */
  unsettled = false;

  nowMs(): number {
    return this.now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = new VirtualTimer(this, run);
    this.events.add(this.now + ms, timer);
    return () => timer.cancel();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const wake = (): void => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const cancel = this.after(ms, wake);
      const abort = (): void => {
        cancel();
        this.unsettled = true;
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}

class VirtualTimer implements Due {
  readonly #time: VirtualTime;
  #run: (() => void) | undefined;

  constructor(time: VirtualTime, run: () => void) {
    this.#time = time;
    this.#run = run;
  }

  /** Stays in the heap until its instant: taking it out would cost more than the few timers of a service are worth. */
  cancel(): void {
    this.#run = undefined;
  }

  due(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#time.unsettled = true;
    run();
  }
}
