import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { RELATIVE_WINDOWS } from "../policy/outlier-ejection/relative-rule.ts";
import { OutcomeWindow } from "../policy/outcome-window.ts";
import { OutcomeWindows } from "./outcome-windows.ts";

test("says of each window what it would say if it had been told of each attempt", () => {
  const random = seededRandom(7);
  const together = new OutcomeWindows();
  const alone = RELATIVE_WINDOWS.map(({ windowMs }) => new OutcomeWindow(windowMs));
  let nowMs = 0;
  for (let i = 0; i < 2_000; i++) {
    // Bursts, pauses longer than the shortest window, and a clock that steps back.
    nowMs += [1, 400, 15_000, -700][random.below(4)]! * random.unit();
    if (random.below(200) === 0) for (const one of [together, ...alone]) one.clear();
    const failed = random.below(5) === 0;
    together.record(failed, nowMs);
    for (const window of alone) window.record(failed, nowMs);
    if (random.below(10) > 0) continue;
    together.turnTo(nowMs);
    expect(counts(together.windows)).toEqual(counts(alone));
  }
});

function counts(windows: readonly OutcomeWindow[]): object[] {
  return windows.map(({ calls, failures }) => ({ calls, failures }));
}
