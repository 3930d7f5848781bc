import type { Time } from "../time.ts";

interface Waiter {
  readonly sinceIndex: number;
  readonly index: () => number;
  readonly wake: () => void;
}

/**
 * Numbers the changes of a store, and holds those who wait for one.
 *
 * One number for the whole store, as in Raft; each change notes it under the keys it touched. A waiter wakes when the
 * index of its own query passes what it saw, so a change elsewhere leaves it asleep.
 *
 * Cost: a change asks every waiter for its query's index, which is a look-up in a map.
 */
export class Ledger {
  readonly #time: Time;
  readonly #touched = new Map<string, number>();
  readonly #waiters = new Set<Waiter>();
  #last = 10; // a real server has about ten entries behind it before the first of ours
  #frozen = false;

  constructor(time: Time) {
    this.#time = time;
  }

  /** The number the next change will get; rows are stamped with it before `commit`. */
  get next(): number {
    return this.#last + 1;
  }

  /** Counts how many wait now. */
  get waiting(): number {
    return this.#waiters.size;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** Index of the last change under any of the keys, 0 when there was none. */
  at(...keys: readonly string[]): number {
    let index = 0;
    for (const key of keys) index = Math.max(index, this.#touched.get(key) ?? 0);
    return index;
  }

  /** Numbers one change and wakes whom it concerns. */
  commit(keys: Iterable<string>): void {
    this.#last++;
    for (const key of keys) this.#touched.set(key, this.#last);
    if (!this.#frozen) this.#wake((waiter) => waiter.index() > waiter.sinceIndex);
  }

  /** Resolves when `index()` passes `sinceIndex`, after `ms`, or when the signal aborts; never rejects. */
  async wait(index: () => number, sinceIndex: number, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || (!this.#frozen && index() > sinceIndex)) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        cancel();
        signal.removeEventListener("abort", wake);
        this.#waiters.delete(waiter);
        resolve();
      };
      const waiter: Waiter = { sinceIndex, index, wake };
      const cancel = this.#time.after(ms, wake);
      signal.addEventListener("abort", wake);
      this.#waiters.add(waiter);
    });
  }

  /** Sets every index back, as a restored snapshot does, and lets every waiter return. */
  reset(): void {
    this.#last = 10;
    for (const key of this.#touched.keys()) this.#touched.set(key, this.#last);
    this.#wake(() => true);
  }

  /** While frozen nobody is woken by a change. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    if (!frozen) this.#wake((waiter) => waiter.index() > waiter.sinceIndex);
  }

  #wake(concerns: (waiter: Waiter) => boolean): void {
    for (const waiter of this.#waiters) if (concerns(waiter)) waiter.wake();
  }
}
