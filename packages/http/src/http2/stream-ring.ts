/** What stands in a ring: its place follows from its id. */
interface Numbered {
  readonly id: number;
}

const FIRST_SLOTS = 64;
const MOST_SLOTS = 1_024;

/**
 * The open streams of a connection by id. Ids of one side grow by two, so a ring of slots finds nearly all of them
 * without hashing; those that meet in a slot go to a map. A map alone costs microseconds a stream, by its growth and
 * the pauses of collecting it.
 */
export class StreamRing<Stream extends Numbered> implements Iterable<Stream> {
  #slots: (Stream | undefined)[] = emptySlots(FIRST_SLOTS);
  #mask: number = FIRST_SLOTS - 1;
  readonly #others = new Map<number, Stream>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Stream | undefined {
    const stream = this.#slots[(id >>> 1) & this.#mask];
    if (stream !== undefined && stream.id === id) return stream;
    return this.#others.size === 0 ? undefined : this.#others.get(id);
  }

  /** Its id must not be there yet. */
  add(stream: Stream): void {
    this.#size++;
    if (this.#size > this.#slots.length >>> 1 && this.#slots.length < MOST_SLOTS) this.#grow();
    const at = (stream.id >>> 1) & this.#mask;
    if (this.#slots[at] === undefined) this.#slots[at] = stream;
    else this.#others.set(stream.id, stream);
  }

  /** @returns whether it was there */
  delete(id: number): boolean {
    const at = (id >>> 1) & this.#mask;
    if (this.#slots[at]?.id === id) this.#slots[at] = undefined;
    else if (!this.#others.delete(id)) return false;
    this.#size--;
    return true;
  }

  *[Symbol.iterator](): Iterator<Stream> {
    for (const stream of this.#slots) if (stream !== undefined) yield stream;
    yield* this.#others.values();
  }

  #grow(): void {
    const all = [...this];
    this.#slots = emptySlots(this.#slots.length * 4);
    this.#mask = this.#slots.length - 1;
    this.#others.clear();
    for (const stream of all) {
      const at = (stream.id >>> 1) & this.#mask;
      if (this.#slots[at] === undefined) this.#slots[at] = stream;
      else this.#others.set(stream.id, stream);
    }
  }
}

function emptySlots<Stream>(count: number): (Stream | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}
