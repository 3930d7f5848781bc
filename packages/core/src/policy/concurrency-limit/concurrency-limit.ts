/**
 * Bounds what may run at once, and knows its name, so that a refusal says which limit to raise.
 *
 * Cost: O(1), no allocation.
 */
export class ConcurrencyLimit {
  /** As in a policy file: `limits.calls`, `rules[0].limits.calls`. */
  readonly name: string;
  /** Whether it moves with what is measured: see `adaptiveLimit`. */
  learns = false;
  #running = 0;
  #most: number;

  /** @param most how many may run at once, >= 1 */
  constructor(name: string, most: number) {
    this.name = name;
    this.#most = most;
  }

  get running(): number {
    return this.#running;
  }

  get most(): number {
    return this.#most;
  }

  /** A lower limit than what runs refuses until enough has ended; nothing is cut. */
  set most(most: number) {
    this.#most = most;
  }

  /** False, and nothing taken, when the limit is reached. What was taken is released once. */
  tryAcquire(): boolean {
    if (this.#running >= this.#most) return false;
    this.#running++;
    return true;
  }

  release(): void {
    this.#running--;
  }
}
