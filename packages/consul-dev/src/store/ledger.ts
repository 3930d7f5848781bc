import type { Time } from "../time.ts";

interface Waiter {
  readonly sinceIndex: number;
  readonly index: () => number;
  readonly wake: () => void;
}

/** Whom a wait concerns. */
export interface Wait {
  /** Keys that can move `index`, from how things stand when the wait begins. */
  readonly keys: readonly string[];
  /** The index of the query: the wait ends when it passes `sinceIndex`. */
  readonly index: () => number;
  readonly sinceIndex: number;
  readonly ms: number;
  readonly signal: AbortSignal;
}

/**
 * Numbers the changes of a store, and holds those who wait for one.
 *
 * One number for the whole store, as in Raft; each change notes it under the keys it touched. A waiter wakes when the
 * index of its own query passes what it saw, so a change elsewhere leaves it asleep.
 *
 * Cost of a change: the keys it touched, and those who wait for one of them; nothing for other waiters.
 */
export class Ledger {
  readonly #time: Time;
  readonly #touched = new Map<string, number>();
  readonly #waiters = new Set<Waiter>();
  readonly #byKey = new Map<string, Set<Waiter>>();
  #last = 10; // a real server has about ten entries behind it before the first of ours
  #frozen = false;
  #epoch = 0;

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

  /** Counts resets: an index says nothing about one of another epoch. */
  get epoch(): number {
    return this.#epoch;
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
    const concerned = new Set<Waiter>();
    for (const key of keys) {
      this.#touched.set(key, this.#last);
      for (const waiter of this.#byKey.get(key) ?? []) concerned.add(waiter);
    }
    if (!this.#frozen) wakePassed(concerned);
  }

  /** Resolves when the index passes, after `ms`, or when the signal aborts; never rejects. */
  async wait({ keys, index, sinceIndex, ms, signal }: Wait): Promise<void> {
    if (signal.aborted || (!this.#frozen && index() > sinceIndex)) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        cancel();
        signal.removeEventListener("abort", wake);
        this.#leave(waiter, keys);
        resolve();
      };
      const waiter: Waiter = { sinceIndex, index, wake };
      const cancel = this.#time.after(ms, wake);
      signal.addEventListener("abort", wake);
      this.#enter(waiter, keys);
    });
  }

  /** Sets every index back, as a restored snapshot does, and lets every waiter return. */
  reset(): void {
    this.#last = 10;
    this.#epoch++;
    for (const key of this.#touched.keys()) this.#touched.set(key, this.#last);
    for (const waiter of this.#waiters) waiter.wake();
  }

  /** While frozen nobody is woken by a change. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    if (!frozen) wakePassed(this.#waiters);
  }

  #enter(waiter: Waiter, keys: readonly string[]): void {
    this.#waiters.add(waiter);
    for (const key of keys) {
      const others = this.#byKey.get(key) ?? new Set();
      this.#byKey.set(key, others.add(waiter));
    }
  }

  #leave(waiter: Waiter, keys: readonly string[]): void {
    this.#waiters.delete(waiter);
    for (const key of keys) {
      const others = this.#byKey.get(key);
      others?.delete(waiter);
      if (others?.size === 0) this.#byKey.delete(key);
    }
  }
}

function wakePassed(waiters: Iterable<Waiter>): void {
  for (const waiter of waiters) if (waiter.index() > waiter.sinceIndex) waiter.wake();
}
