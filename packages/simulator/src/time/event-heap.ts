/** Something that happens at an instant. */
export interface Due {
  /** Called once, with the clock at its instant. */
  due(): void;
}

/**
 * What is still to happen, the earliest first; of one instant, in the order in which it was planned.
 *
 * A binary heap of numbers: instants and orders lie in typed arrays, the objects stay where they were put. Moving
 * objects up and down a heap costs a write barrier each, and a simulation does nothing more often.
 */
export class EventHeap {
  /** By place in the heap: which slot. */
  #heap = new Int32Array(ROOM);
  #size = 0;
  /** By slot. */
  #atMs = new Float64Array(ROOM);
  #order = new Float64Array(ROOM);
  readonly #due: (Due | undefined)[] = [];
  readonly #free: number[] = [];
  #planned = 0;

  get size(): number {
    return this.#size;
  }

  /** The next instant at which something happens; Infinity when nothing will. */
  get nextMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#atMs[this.#heap[0]!]!;
  }

  add(atMs: number, due: Due): void {
    const slot = this.#free.pop() ?? this.#due.length;
    if (slot === this.#atMs.length) this.#grow();
    this.#due[slot] = due;
    this.#atMs[slot] = atMs;
    this.#order[slot] = this.#planned++;
    this.#rise(this.#size++, slot);
  }

  /** Takes out what happens next. Only where there is something. */
  take(): Due {
    const heap = this.#heap;
    const slot = heap[0]!;
    const last = heap[--this.#size]!;
    if (this.#size > 0) this.#sink(last);
    const due = this.#due[slot]!; // a slot in the heap is never empty
    this.#due[slot] = undefined;
    this.#free.push(slot);
    return due;
  }

  #before(slot: number, other: number): boolean {
    const atMs = this.#atMs[slot]!;
    const otherMs = this.#atMs[other]!;
    return atMs < otherMs || (atMs === otherMs && this.#order[slot]! < this.#order[other]!);
  }

  #rise(from: number, slot: number): void {
    const heap = this.#heap;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (this.#before(heap[above]!, slot)) break;
      heap[place] = heap[above]!;
      place = above;
    }
    heap[place] = slot;
  }

  #sink(slot: number): void {
    const heap = this.#heap;
    const size = this.#size;
    let place = 0;
    for (;;) {
      let below = place * 2 + 1;
      if (below >= size) break;
      if (below + 1 < size && this.#before(heap[below + 1]!, heap[below]!)) below++;
      if (this.#before(slot, heap[below]!)) break;
      heap[place] = heap[below]!;
      place = below;
    }
    heap[place] = slot;
  }

  #grow(): void {
    this.#heap = longer(this.#heap, Int32Array);
    this.#atMs = longer(this.#atMs, Float64Array);
    this.#order = longer(this.#order, Float64Array);
  }
}

const ROOM = 256;

function longer<T extends Int32Array | Float64Array>(array: T, Kind: new (length: number) => T): T {
  const grown = new Kind(array.length * 2);
  grown.set(array);
  return grown;
}
