import { RELATIVE_WINDOWS } from "../policy/outlier-ejection/relative-rule.ts";
import { OutcomeWindow } from "../policy/outcome-window.ts";

/**
 * How the attempts at one endpoint went lately: over each of the windows that it is compared by.
 *
 * What comes in while no window's slice ends is counted once, and put into all of them when one does or somebody is
 * about to look.
 */
export class OutcomeWindows {
  /** Shortest first, as in `RELATIVE_WINDOWS`. To be read after `turnTo`. */
  readonly windows: readonly OutcomeWindow[] = RELATIVE_WINDOWS.map(({ windowMs }) => new OutcomeWindow(windowMs));

  /** When it was last told that the endpoint deserves ejection and is kept. */
  toldMs: number = Number.NEGATIVE_INFINITY;

  #calls = 0;
  #failures = 0;
  /** The first end of a slice, and before what the clock was set back: between them there is nothing to do but count. */
  #untilMs = Number.NEGATIVE_INFINITY;
  #earliestMs = Number.NEGATIVE_INFINITY;

  record(failed: boolean, nowMs: number): void {
    if (nowMs >= this.#untilMs || nowMs < this.#earliestMs) this.turnTo(nowMs);
    this.#calls++;
    if (failed) this.#failures++;
  }

  turnTo(nowMs: number): void {
    this.#untilMs = Number.POSITIVE_INFINITY;
    this.#earliestMs = Number.NEGATIVE_INFINITY;
    for (const window of this.windows) {
      window.add(this.#calls, this.#failures);
      window.turnTo(nowMs);
      this.#untilMs = Math.min(this.#untilMs, window.endMs);
      this.#earliestMs = Math.max(this.#earliestMs, window.earliestMs);
    }
    this.#calls = this.#failures = 0;
  }

  /** What was before counts no more. */
  clear(): void {
    for (const window of this.windows) window.clear();
    this.#calls = this.#failures = 0;
  }
}
