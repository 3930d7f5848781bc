import { SET_BACK_MS } from "../time/time.ts";

const SLICES = 10;

/**
 * Counts calls and failures over the last `windowMs`, in ten slices: what falls out does so a tenth at a time.
 *
 * The totals are kept while slices come and go, so that reading them costs nothing. No timer. When the clock is set
 * back, the window goes on from there with what it holds: the time between counts as no time.
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
  /** A reading before that says that the clock was set back. */
  earliestMs: number = Number.NEGATIVE_INFINITY;
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
    if (nowMs < this.endMs && nowMs >= this.earliestMs) return;
    const slice = Math.floor(nowMs / this.#sliceMs);
    for (let passed = Math.min(slice - this.#newest, SLICES); passed > 0; passed--) {
      this.#at = (this.#at + 1) % SLICES;
      this.#drop(this.#at);
    }
    this.#newest = slice;
    this.endMs = (slice + 1) * this.#sliceMs;
    this.earliestMs = slice * this.#sliceMs - SET_BACK_MS;
  }

  #drop(slice: number): void {
    this.calls -= this.#counts[slice]!;
    this.failures -= this.#counts[slice + SLICES]!;
    this.#counts[slice] = this.#counts[slice + SLICES] = 0;
  }
}
