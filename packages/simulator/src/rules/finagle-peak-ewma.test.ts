import { BalancedCluster, endpoint, meshEvents, OngoingCall, SUCCESS } from "@weft/core";
import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { finaglePeakEwma, type ObservingPicker, PeakMean } from "./finagle-peak-ewma.ts";
import { peers } from "./peer-rules.suite.ts";

test("follows Finagle's numbers, in which reading is observing 0", () => {
  const { defaultMs, steps } = peers.finagle_peak_ewma;
  const mean = new PeakMean();
  mean.observe(defaultMs, 0);
  for (const [step, atMs, given, expected] of steps) {
    if (step === "obs") mean.observe(given, atMs);
    // At one instant a cost of nothing under way is the mean itself, and changes nothing.
    expect(mean.cost(step === "read" ? given : 0, atMs)).toBeCloseTo(expected, 5);
  }
});

test("takes the lower of two, and a failure that comes fast for a good answer", () => {
  const { picker, pick } = stageOf(2);
  picker.observed("e0", 200, 0);
  picker.observed("e1", 1, 0); // a refusal, told like an answer
  expect(new Set(Array.from({ length: 50 }, () => pick()))).toEqual(new Set(["e1"]));
});

test("sends a newcomer one attempt at a time until its first answer", () => {
  const { picker, pick, hold } = stageOf(2);
  picker.observed("e0", 200, 0);
  expect(hold()).toBe("e1"); // nothing known costs nothing, as long as nothing is under way
  expect(Array.from({ length: 50 }, () => pick())).not.toContain("e1");
  picker.observed("e1", 20, 0);
  expect(pick()).toBe("e1"); // 20 * 2 against 200
});

test("draws two different ones: the worst of three is never taken", () => {
  const { picker, pick } = stageOf(3);
  [10, 20, 200].forEach((ms, i) => picker.observed(`e${i}`, ms, 0));
  const picks = Array.from({ length: 300 }, () => pick());
  expect(picks).not.toContain("e2");
  // e0 wins two pairs of three: 200 of 300, and 40 is five deviations.
  expect(Math.abs(picks.filter((id) => id === "e0").length - 200)).toBeLessThan(40);
});

/** So many endpoints, at an instant that does not pass. */
function stageOf(count: number): { picker: ObservingPicker; pick: () => string; hold: () => string } {
  const picker = finaglePeakEwma();
  const cluster = new BalancedCluster({
    service: "orders",
    clock: { nowMs: () => 0 },
    random: seededRandom(7),
    events: meshEvents(),
    policy: { picker },
  });
  cluster.update(
    Array.from({ length: count }, (_, i) => endpoint({ id: `e${i}`, host: "10.0.0.1", port: 1 + i, weight: 1 })),
  );
  let calls = 0;
  const acquire = (): ReturnType<typeof cluster.acquire> =>
    cluster.acquire(new OngoingCall(++calls, "orders", 0, true));
  return {
    picker,
    pick: () => {
      const lease = acquire();
      lease.release(SUCCESS);
      return lease.endpoint.id;
    },
    hold: () => acquire().endpoint.id,
  };
}
