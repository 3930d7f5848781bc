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

  constructor(phases: readonly Phase[], endMs: number, random: Random) {
    this.#phases = phases;
    this.#endMs = endMs;
    this.#random = random;
    this.advance();
  }

  /** From one arrival to the next. */
  advance(): void {
    for (;;) {
      const phase = this.#phases[this.#phase]!;
      const phaseEndMs = this.#phases[this.#phase + 1]?.atMs ?? Number.POSITIVE_INFINITY;
      const nextMs = this.nextMs + this.#gapMs(phase);
      if (nextMs < phaseEndMs || phaseEndMs >= this.#endMs) {
        this.nextMs = nextMs < this.#endMs ? nextMs : Number.POSITIVE_INFINITY;
        return;
      }
      // What was drawn at the old rate means nothing at the new one; a Poisson process has no memory to lose.
      this.nextMs = phaseEndMs;
      this.#phase++;
    }
  }

  #gapMs({ ratePerSecond, process }: Phase): number {
    if (ratePerSecond === 0) return Number.POSITIVE_INFINITY;
    const meanMs = 1_000 / ratePerSecond;
    return process === "uniform" ? meanMs : -Math.log(1 - this.#random.unit()) * meanMs;
  }
}
