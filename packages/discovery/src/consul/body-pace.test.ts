import { fakeTime } from "@weft/testkit";
import { expect, test } from "vitest";
import { watchBody } from "./body-pace.ts";

/** When a body of so many bytes a second, after `atOnce` that came with the head, was too slow; undefined: within a minute never. */
async function toldAfter(perSecond: number, atOnce = 0) {
  const time = fakeTime();
  const told: { readonly atMs: number; readonly problem: string }[] = [];
  const came = (): number => atOnce + (perSecond * time.nowMs()) / 1_000;
  const stop = watchBody(time, came, (problem) => told.push({ atMs: time.nowMs(), problem }));
  await time.advance(60_000);
  expect(told.length).toBeLessThanOrEqual(1);
  stop();
  expect(time.pending()).toBe(0);
  return told[0];
}

test("a body that brings nothing more is too slow after five seconds", async () => {
  const problem = "an answer whose body trickles: 0 bytes of it within 5000 ms";
  expect(await toldAfter(0)).toEqual({ atMs: 5_000, problem });
});

test.each([
  { perSecond: 1, atOnce: 0, atMs: 6_000 },
  { perSecond: 100, atOnce: 0, atMs: 6_000 },
  { perSecond: 512, atOnce: 0, atMs: 10_000 },
  { perSecond: 1, atOnce: 10_240, atMs: 16_000 },
  { perSecond: 1_024, atOnce: 0, atMs: undefined },
  { perSecond: 8_192, atOnce: 0, atMs: undefined },
])("$perSecond bytes a second behind $atOnce: too slow at $atMs ms", async ({ perSecond, atOnce, atMs }) => {
  const told = await toldAfter(perSecond, atOnce);
  if (atMs === undefined) return expect(told).toBeUndefined();
  // It is looked at once a second at most.
  expect(told?.atMs).toBeGreaterThan(atMs - 1_000);
  expect(told?.atMs).toBeLessThanOrEqual(atMs + 1_000);
});

test("one that has ended is not watched any more", async () => {
  const time = fakeTime();
  const stop = watchBody(
    time,
    () => 6_000,
    () => expect.unreachable(),
  );
  await time.advance(5_000);
  stop();
  expect(time.pending()).toBe(0);
});
