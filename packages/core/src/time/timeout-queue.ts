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

/** Longer waits of `setTimeout` end at once; the timer then finds nothing due and is armed for the rest. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

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

  /** Whether nothing waits. O(1), unlike `size`. */
  get idle(): boolean {
    return this.#oldest === undefined;
  }

  /** Releases the timer. What still waits in the queue never expires. */
  close(): void {
    this.#disarm?.();
    this.#disarm = undefined;
  }

  #arm(ms: number): void {
    this.#disarm = this.#time.after(Math.min(ms, LONGEST_WAIT_MS), () => this.#sweep());
  }

  /** Counts as armed until its end: what an expiring entry adds must not arm for itself and forget those that wait. */
  #sweep(): void {
    const armed = this.#disarm;
    const nowMs = this.#time.nowMs();
    try {
      // A timer may fire a fraction of a millisecond before its time; 0.5 ms early is on time for a timeout.
      for (let entry = this.#oldest; entry !== undefined && entry.dueMs <= nowMs + 0.5; entry = this.#oldest) {
        this.remove(entry);
        entry.expire();
      }
    } finally {
      if (this.#disarm === armed) {
        this.#disarm = undefined;
        if (this.#oldest !== undefined) this.#arm(Math.max(0, this.#oldest.dueMs - nowMs));
      }
    }
  }
}

/** So many lengths, of one policy file, have exact queues of their own. */
const EXACT_LENGTHS = 64;
/** Beyond these, lengths are rounded up to one of so many steps between a power of two and the next. */
const STEPS = 64;

/**
 * A queue for each length in use. Lengths that nobody waits for are dropped as new ones come.
 *
 * Where callers bring deadlines of their own, every call may have another length: a queue and a timer for each would
 * make the next ever dearer. While 64 lengths are in use, further ones are rounded up by at most 1 in 64, which leaves
 * some hundreds of queues between a millisecond and an hour.
 */
export class TimeoutQueues {
  readonly #time: Time;
  readonly #byLength = new Map<number, TimeoutQueue>();
  /** Most calls have two lengths by turns, theirs and that of their attempts. */
  #last: TimeoutQueue | undefined = undefined;
  #before: TimeoutQueue | undefined = undefined;

  constructor(time: Time) {
    this.#time = time;
  }

  /** @param lengthMs > 0 and finite */
  of(lengthMs: number): TimeoutQueue {
    if (this.#last?.lengthMs === lengthMs) return this.#last;
    if (this.#before?.lengthMs === lengthMs) return this.#before;
    this.#before = this.#last;
    return (this.#last = this.#find(lengthMs));
  }

  #find(lengthMs: number): TimeoutQueue {
    const exact = this.#byLength.get(lengthMs);
    if (exact !== undefined) return exact;
    if (this.#byLength.size < EXACT_LENGTHS) return this.#make(lengthMs);
    const rounded = roundedUp(lengthMs);
    const known = this.#byLength.get(rounded);
    if (known !== undefined) return known;
    this.#dropIdle();
    return this.#make(this.#byLength.size < EXACT_LENGTHS ? lengthMs : rounded);
  }

  close(): void {
    for (const queue of this.#byLength.values()) queue.close();
    this.#byLength.clear();
    this.#last = this.#before = undefined;
  }

  #make(lengthMs: number): TimeoutQueue {
    const queue = new TimeoutQueue(lengthMs, this.#time);
    this.#byLength.set(lengthMs, queue);
    return queue;
  }

  #dropIdle(): void {
    this.#last = this.#before = undefined;
    for (const [lengthMs, queue] of this.#byLength) {
      if (!queue.idle) continue;
      queue.close();
      this.#byLength.delete(lengthMs);
    }
  }
}

function roundedUp(lengthMs: number): number {
  const step = 2 ** Math.floor(Math.log2(lengthMs)) / STEPS;
  return Math.ceil(lengthMs / step) * step;
}
