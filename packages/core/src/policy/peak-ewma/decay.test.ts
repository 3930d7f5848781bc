import { expect, test } from "vitest";
import { decay } from "./decay.ts";

test.each([0, 1e-300, 1e-9, 3e-6, 0.001, 0.0123, 1 / 64, 0.015626, 0.1, 1, 20, 800, Number.POSITIVE_INFINITY])(
  "what is left after %d time constants",
  (lives) => {
    const exact = Math.exp(-lives);
    expect(Math.abs(decay(lives) - exact)).toBeLessThanOrEqual(exact * 1e-14);
  },
);

test("never more than before, also where the series ends", () => {
  let before = 1;
  for (let lives = 1e-4; lives < 0.05; lives += 1e-4) {
    const left = decay(lives);
    expect(left).toBeLessThan(before);
    before = left;
  }
});
