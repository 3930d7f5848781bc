import { RELATIVE_WINDOWS } from "../policy/outlier-ejection/relative-rule.ts";
import { OutcomeWindow } from "../policy/outcome-window.ts";

/** How the attempts at one endpoint went lately: over each of the windows that it is compared by. */
export class OutcomeWindows {
  /** Shortest first, as in `RELATIVE_WINDOWS`. */
  readonly windows: readonly OutcomeWindow[] = RELATIVE_WINDOWS.map(({ windowMs }) => new OutcomeWindow(windowMs));

  /** When it was last told that the endpoint deserves ejection and is kept. */
  toldMs: number = Number.NEGATIVE_INFINITY;

  record(failed: boolean, nowMs: number): void {
    for (const window of this.windows) window.record(failed, nowMs);
  }

  turnTo(nowMs: number): void {
    for (const window of this.windows) window.turnTo(nowMs);
  }

  /** What was before counts no more. */
  clear(): void {
    for (const window of this.windows) window.clear();
  }
}
