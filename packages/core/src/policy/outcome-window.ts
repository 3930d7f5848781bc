const SLICES = 10;

/**
 * Counts calls and failures over the last `windowMs`, in ten slices: what falls out does so a tenth at a time.
 *
 * The totals are kept while slices come and go, so that reading them costs nothing. No timer.
 */
export class OutcomeWindow {
  readonly #sliceMs: number;
  /** Calls by slice, then failures by slice. */
  readonly #counts = new Float64Array(SLICES * 2);
  #newest = Number.NEGATIVE_INFINITY;
  /** Where the newest slice lies in the ring. */
  #at = 0;
  /** When the newest slice ends: before that, nothing falls out. */
  endMs: number = Number.NEGATIVE_INFINITY;
  calls = 0;
  failures = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES;
  }

  record(failed: boolean, nowMs: number): void {
    this.turnTo(nowMs);
    this.add(1, failed ? 1 : 0);
  }

  /** Counts into the newest slice, also when the clock has stepped back behind it. Only after a `turnTo`. */
  add(calls: number, failures: number): void {
    this.#counts[this.#at]! += calls;
    this.#counts[this.#at + SLICES]! += failures;
    this.calls += calls;
    this.failures += failures;
  }

  clear(): void {
    this.#counts.fill(0);
    this.calls = this.failures = 0;
  }

  /** Lets go of what is older than the window. */
  turnTo(nowMs: number): void {
    if (nowMs < this.endMs) return;
    const slice = Math.floor(nowMs / this.#sliceMs);
    for (let s = Math.max(this.#newest + 1, slice - SLICES + 1); s <= slice; s++) this.#drop(placeOf(s));
    this.#newest = slice;
    this.#at = placeOf(slice);
    this.endMs = (slice + 1) * this.#sliceMs;
  }

  #drop(slice: number): void {
    this.calls -= this.#counts[slice]!;
    this.failures -= this.#counts[slice + SLICES]!;
    this.#counts[slice] = this.#counts[slice + SLICES] = 0;
  }
}

/** Where slice `s` lies in the ring. Slices before the start of the clock are negative, and `%` keeps the sign. */
function placeOf(s: number): number {
  return ((s % SLICES) + SLICES) % SLICES;
}
