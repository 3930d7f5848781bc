const SLICES = 10;

/**
 * Counts calls and failures over the last `windowMs`, in ten slices: what falls out does so a tenth at a time.
 *
 * The totals are kept while slices come and go, so that reading them costs nothing. No timer.
 */
export class OutcomeWindow {
  readonly #sliceMs: number;
  readonly #callsIn = new Float64Array(SLICES);
  readonly #failuresIn = new Float64Array(SLICES);
  #newest = Number.NEGATIVE_INFINITY;
  calls = 0;
  failures = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES;
  }

  record(failed: boolean, nowMs: number): void {
    this.turnTo(nowMs);
    const at = placeOf(this.#newest); // a clock that steps back counts into the newest slice
    this.#callsIn[at]!++;
    this.calls++;
    if (!failed) return;
    this.#failuresIn[at]!++;
    this.failures++;
  }

  clear(): void {
    this.#callsIn.fill(0);
    this.#failuresIn.fill(0);
    this.calls = this.failures = 0;
  }

  /** Lets go of what is older than the window. */
  turnTo(nowMs: number): void {
    const slice = Math.floor(nowMs / this.#sliceMs);
    if (slice > this.#newest) {
      for (let s = Math.max(this.#newest + 1, slice - SLICES + 1); s <= slice; s++) this.#drop(placeOf(s));
      this.#newest = slice;
    }
  }

  #drop(slice: number): void {
    this.calls -= this.#callsIn[slice]!;
    this.failures -= this.#failuresIn[slice]!;
    this.#callsIn[slice] = this.#failuresIn[slice] = 0;
  }
}

/** Where slice `s` lies in the ring. Slices before the start of the clock are negative, and `%` keeps the sign. */
function placeOf(s: number): number {
  return ((s % SLICES) + SLICES) % SLICES;
}
