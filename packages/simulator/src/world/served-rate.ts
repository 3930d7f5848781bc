/** As long as the weights that come of it are kept, in ms. */
const SLICE_MS = 1_000;

/** What an endpoint says of its work: attempts a second, those of them that fail, and its workers' time that they take. */
export interface Rate {
  readonly perSecond: number;
  readonly errorsPerSecond: number;
  readonly utilization: number;
}

const NONE: Rate = { perSecond: 0, errorsPerSecond: 0, utilization: 0 };

/** Counts the attempts that an endpoint works on, second by second. */
export class ServedRate {
  readonly #workers: number;
  #beganMs = 0;
  #attempts = 0;
  #failed = 0;
  #workMs = 0;
  #last = NONE;

  /** @param workers Infinity: there is no telling which share is in use, and it says 0 */
  constructor(workers: number) {
    this.#workers = workers;
  }

  /** Work on an attempt begins, which will take so long. */
  began(workMs: number, fails: boolean, nowMs: number): void {
    this.#turnTo(nowMs);
    this.#attempts++;
    if (fails) this.#failed++;
    this.#workMs += workMs;
  }

  /** Over the last second that had passed when somebody looked, or longer; all 0 before there was one. */
  read(nowMs: number): Rate {
    this.#turnTo(nowMs);
    return this.#last;
  }

  #turnTo(nowMs: number): void {
    const passedMs = nowMs - this.#beganMs;
    if (passedMs < SLICE_MS) return;
    this.#last = {
      perSecond: (this.#attempts / passedMs) * 1_000,
      errorsPerSecond: (this.#failed / passedMs) * 1_000,
      utilization: this.#workMs / passedMs / this.#workers,
    };
    this.#attempts = this.#failed = this.#workMs = 0;
    this.#beganMs = nowMs;
  }
}
