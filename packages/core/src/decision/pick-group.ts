/** The endpoints among which a pick was made, and why these. */
export interface PickGroup {
  /** Whose turn it was, 0 is first; undefined: of any priority, since all that are available were looked at. */
  readonly priority: number | undefined;
  /** Undefined: of any zone. */
  readonly zone: string | undefined;
  /** Its part of the picks, above 0 and up to 1. */
  readonly share: number;
  /** Too few of the priority pass their checks, so these are ignored. */
  readonly panic: boolean;
  /** Why calls do not stay in their zone, in words; undefined: they do, or nobody asked for it. */
  readonly zonesOff: string | undefined;
  /** Why the own zone gives calls away that it has room for, in words; undefined: it does not. */
  readonly spill: string | undefined;
  /** The own zone, when the call went elsewhere only to learn how the others do; undefined: it did not. */
  readonly lookFrom: string | undefined;
}

/** Groups are remembered for the records that mention them; so many at most, the latest ones. */
const REMEMBERED = 1024;

/** Gives groups the numbers that stand for them in records, from 1 on: equal ones have the same. */
export class GroupNumbers {
  readonly #groups = new Map<number, PickGroup>();
  readonly #numbers = new Map<string, number>();
  #last = 0;

  numberOf({ priority, zone, share, panic, zonesOff, spill, lookFrom }: PickGroup): number {
    const key = JSON.stringify([priority, zone, share, panic, zonesOff, spill, lookFrom]);
    const number = this.#numbers.get(key) ?? ++this.#last;
    this.#numbers.delete(key); // to the end: those in use are not the oldest
    this.#numbers.set(key, number);
    this.#groups.set(number, { priority, zone, share, panic, zonesOff, spill, lookFrom });
    if (this.#numbers.size > REMEMBERED) this.#forgetOldest();
    return number;
  }

  /** Undefined for 0, and when it has been forgotten. */
  groupOf(number: number): PickGroup | undefined {
    return this.#groups.get(number);
  }

  #forgetOldest(): void {
    for (const [key, number] of this.#numbers) {
      this.#numbers.delete(key);
      this.#groups.delete(number);
      return;
    }
  }
}
