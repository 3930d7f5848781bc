/** Something that happens at an instant. */
export interface Due {
  /** Called once, with the clock at its instant. */
  due(): void;
}

/**
 * What is still to happen, the earliest first; of one instant, in the order in which it was planned.
 *
 * A binary heap of numbers: instants lie in typed arrays, the objects stay where they were put. Moving objects up and
 * down a heap costs a write barrier each, and a simulation does nothing more often.
 */
export class EventHeap {
  /** The next instant at which something happens; Infinity when nothing will. */
  nextMs: number = Number.POSITIVE_INFINITY;
  /** By place in the heap: when, and which slot. The places behind the last hold the slots that are free. */
  #atMs = new Float64Array(ROOM);
  #slots = Int32Array.from({ length: ROOM }, (_, slot) => slot);
  #size = 0;
  /** By slot. */
  #order = new Float64Array(ROOM);
  readonly #due: (Due | undefined)[] = [];
  #planned = 0;

  get size(): number {
    return this.#size;
  }

  add(atMs: number, due: Due): void {
    if (this.#size === this.#slots.length) this.#grow();
    const slot = this.#slots[this.#size]!;
    this.#due[slot] = due;
    this.#order[slot] = this.#planned++;
    this.#rise(this.#size++, atMs, slot);
    this.nextMs = this.#atMs[0]!;
  }

  /** Takes out what happens next. Only where there is something. */
  take(): Due {
    const slot = this.#slots[0]!;
    const last = --this.#size;
    if (last > 0) this.#fill(last);
    this.#slots[last] = slot;
    this.nextMs = last > 0 ? this.#atMs[0]! : Number.POSITIVE_INFINITY;
    const due = this.#due[slot]!; // a slot in the heap is never empty
    this.#due[slot] = undefined;
    return due;
  }

  /** Whether the one at a place comes before another. */
  #before(place: number, atMs: number, slot: number): boolean {
    const own = this.#atMs[place]!;
    return own < atMs || (own === atMs && this.#order[this.#slots[place]!]! < this.#order[slot]!);
  }

  #rise(from: number, atMs: number, slot: number): void {
    const instants = this.#atMs;
    const slots = this.#slots;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (this.#before(above, atMs, slot)) break;
      instants[place] = instants[above]!;
      slots[place] = slots[above]!;
      place = above;
    }
    instants[place] = atMs;
    slots[place] = slot;
  }

  /**
   * The first place is empty: the earlier of each pair moves up, and the last comes in where that ends. It belongs near
   * the bottom, so looking for its place from there takes half the comparisons. Source: Wegener 1993.
   */
  #fill(last: number): void {
    const instants = this.#atMs;
    const slots = this.#slots;
    let place = 0;
    for (let below = 1; below < last; below = place * 2 + 1) {
      if (below + 1 < last && this.#before(below + 1, instants[below]!, slots[below]!)) below++;
      instants[place] = instants[below]!;
      slots[place] = slots[below]!;
      place = below;
    }
    this.#rise(place, instants[last]!, slots[last]!);
  }

  #grow(): void {
    this.#atMs = longer(this.#atMs, Float64Array);
    this.#slots = longer(this.#slots, Int32Array);
    for (let slot = this.#size; slot < this.#slots.length; slot++) this.#slots[slot] = slot;
    this.#order = longer(this.#order, Float64Array);
  }
}

const ROOM = 256;

function longer<T extends Int32Array | Float64Array>(array: T, Kind: new (length: number) => T): T {
  const grown = new Kind(array.length * 2);
  grown.set(array);
  return grown;
}
