import { fakeTime } from "@weft/testkit";
import { expect, test } from "vitest";
import { type Drainable, shutDown } from "./shut-down.ts";

/** A sidecar whose calls end by themselves after `inMs` and `outMs`. */
function sidecar(inMs: number, outMs: number) {
  const time = fakeTime();
  const steps: string[] = [];
  const say = (step: string): void => void steps.push(`${time.nowMs()} ${step}`);
  const listener = (name: string, runsMs: number): Drainable => ({
    stopAccepting: () => say(`${name} stops`),
    async finish(graceMs) {
      await time.sleep(Math.min(graceMs, runsMs));
      say(`${name} ends`);
      return runsMs <= graceMs ? { finished: 1, cut: 0 } : { finished: 0, cut: 1 };
    },
  });
  const parts = {
    async leave() {
      say("leaves");
      await time.sleep(5_000);
    },
    towardsApp: [listener("inbound", inMs)],
    fromApp: [listener("outbound", outMs), listener("tcp", 0)],
    async close() {
      say("closes");
    },
  };
  return { time, steps, ended: shutDown(parts, 20_000, time) };
}

test("leaves first, then ends what goes to the app, then what comes from it", async () => {
  const { time, steps, ended } = sidecar(3_000, 1_000);
  await time.advance(60_000);
  expect(await ended).toEqual({ finished: 3, cut: 0, tookMs: 9_000 });
  expect(steps).toEqual([
    "0 leaves",
    "5000 inbound stops",
    "8000 inbound ends",
    "8000 outbound stops",
    "8000 tcp stops",
    "8000 tcp ends",
    "9000 outbound ends",
    "9000 closes",
  ]);
});

test("the grace is one for both halves, and tells what it cut", async () => {
  const { time, ended } = sidecar(15_000, 15_000);
  await time.advance(60_000);
  expect(await ended).toEqual({ finished: 2, cut: 1, tookMs: 25_000 });
});
