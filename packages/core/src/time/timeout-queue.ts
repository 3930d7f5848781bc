import type { Time } from "./time.ts";

/** Something that ends at an instant unless it is removed from its queue before. */
export abstract class Expiring {
  /** The queue it waits in; undefined when it waits in none. The three fields belong to the queue. */
  queue: TimeoutQueue | undefined = undefined;
  dueMs = 0;
  earlier: Expiring | undefined = undefined;
  later: Expiring | undefined = undefined;

  /** Called once, after it has left the queue. */
  abstract expire(): void;

  /** Leaves the queue, if it is in one. */
  settle(): void {
    this.queue?.remove(this);
  }
}

/**
 * Timeouts of one length, on one timer for all of them.
 *
 * As all have the same length, the first that came in is the first to go out: adding and removing are O(1) and
 * allocate nothing. The timer is armed for the oldest and not moved when that one leaves early; it then finds
 * nothing due, and is armed anew.
 */
export class TimeoutQueue {
  readonly lengthMs: number;
  readonly #time: Time;
  #oldest: Expiring | undefined = undefined;
  #newest: Expiring | undefined = undefined;
  #disarm: (() => void) | undefined = undefined;

  /** @param lengthMs how long each entry may wait, > 0 */
  constructor(lengthMs: number, time: Time) {
    this.lengthMs = lengthMs;
    this.#time = time;
  }

  /** @param nowMs a reading of the queue's clock; one reading may serve several steps of a call */
  add(entry: Expiring, nowMs: number): void {
    entry.queue?.remove(entry);
    entry.queue = this;
    entry.dueMs = nowMs + this.lengthMs;
    entry.earlier = this.#newest;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.later = entry;
    this.#newest = entry;
    if (this.#disarm === undefined) this.#arm(this.lengthMs);
  }

  remove(entry: Expiring): void {
    if (entry.queue !== this) return;
    if (entry.earlier === undefined) this.#oldest = entry.later;
    else entry.earlier.later = entry.later;
    if (entry.later === undefined) this.#newest = entry.earlier;
    else entry.later.earlier = entry.earlier;
    entry.queue = undefined;
    entry.earlier = entry.later = undefined;
  }

  /** Entries waiting: 0 when nothing can expire any more. */
  get size(): number {
    let count = 0;
    for (let entry = this.#oldest; entry !== undefined; entry = entry.later) count++;
    return count;
  }

  /** Releases the timer. What still waits in the queue never expires. */
  close(): void {
    this.#disarm?.();
    this.#disarm = undefined;
  }

  #arm(ms: number): void {
    this.#disarm = this.#time.after(ms, () => this.#sweep());
  }

  #sweep(): void {
    this.#disarm = undefined;
    const nowMs = this.#time.nowMs();
    // A timer may fire a fraction of a millisecond before its time; 0.5 ms early is on time for a timeout.
    for (let entry = this.#oldest; entry !== undefined && entry.dueMs <= nowMs + 0.5; entry = this.#oldest) {
      this.remove(entry);
      entry.expire();
    }
    if (this.#oldest !== undefined && this.#disarm === undefined) {
      this.#arm(Math.max(0, this.#oldest.dueMs - nowMs));
    }
  }
}

/** A queue for each length in use. Lengths that nobody waits for are dropped as new ones come. */
export class TimeoutQueues {
  readonly #time: Time;
  readonly #byLength = new Map<number, TimeoutQueue>();

  constructor(time: Time) {
    this.#time = time;
  }

  /** @param lengthMs > 0 and finite */
  of(lengthMs: number): TimeoutQueue {
    const known = this.#byLength.get(lengthMs);
    if (known !== undefined) return known;
    if (this.#byLength.size >= 64) this.#dropIdle();
    const queue = new TimeoutQueue(lengthMs, this.#time);
    this.#byLength.set(lengthMs, queue);
    return queue;
  }

  close(): void {
    for (const queue of this.#byLength.values()) queue.close();
    this.#byLength.clear();
  }

  #dropIdle(): void {
    for (const [lengthMs, queue] of this.#byLength) {
      if (queue.size > 0) continue;
      queue.close();
      this.#byLength.delete(lengthMs);
    }
  }
}
