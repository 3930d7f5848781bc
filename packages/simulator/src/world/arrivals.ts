import type { Random } from "@weft/core";
import type { Phase } from "../scenario/scenario.ts";

/** The instants at which calls arrive, one after the other. */
export class Arrivals {
  /** When the next call arrives; Infinity when none does any more. */
  nextMs = 0;
  readonly #phases: readonly Phase[];
  readonly #endMs: number;
  readonly #random: Random;
  #phase = 0;
  // Of the present phase, at hand: this is asked for every call.
  #poisson = false;
  #meanGapMs = 0;
  #phaseEndMs = 0;

  constructor(phases: readonly Phase[], endMs: number, random: Random) {
    this.#phases = phases;
    this.#endMs = endMs;
    this.#random = random;
    this.#enter(0);
    this.advance();
  }

  /** From one arrival to the next. */
  advance(): void {
    for (;;) {
      const gapMs = this.#poisson ? -Math.log(1 - this.#random.unit()) * this.#meanGapMs : this.#meanGapMs;
      const nextMs = this.nextMs + gapMs;
      if (nextMs < this.#phaseEndMs || this.#phaseEndMs >= this.#endMs) {
        this.nextMs = nextMs < this.#endMs ? nextMs : Number.POSITIVE_INFINITY;
        return;
      }
      // What was drawn at the old rate means nothing at the new one; a Poisson process has no memory to lose.
      this.nextMs = this.#phaseEndMs;
      this.#enter(this.#phase + 1);
    }
  }

  #enter(index: number): void {
    const { ratePerSecond, process } = this.#phases[index]!; // a phase that ends has one behind it
    this.#phase = index;
    this.#poisson = process === "poisson" && ratePerSecond > 0;
    this.#meanGapMs = ratePerSecond === 0 ? Number.POSITIVE_INFINITY : 1_000 / ratePerSecond;
    this.#phaseEndMs = this.#phases[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
  }
}
