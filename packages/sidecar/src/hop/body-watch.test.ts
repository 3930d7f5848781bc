import { TimeoutQueues } from "@weft/core";
import { fakeTime } from "@weft/testkit";
import { expect, test } from "vitest";
import { BodyWatch, lookEveryMs } from "./body-watch.ts";

const IDLE_MS = 1_000;

/** A watch on an answer that flows as the test says. */
function watched() {
  const time = fakeTime();
  const looks = new TimeoutQueues(time).of(lookEveryMs(IDLE_MS));
  const body = { flowing: true };
  const answer = { bytesOut: 0 };
  let silentAtMs = -1;
  const attempt = { silent: () => void (silentAtMs = time.nowMs()) };
  const watch = new BodyWatch(attempt, body, answer, looks, time);
  return { time, looks, body, answer, watch, silentAtMs: () => silentAtMs };
}

test("gives an endpoint up that sends nothing from the start", async () => {
  const { time, looks, silentAtMs } = watched();
  await time.advance(IDLE_MS - 1);
  expect(silentAtMs()).toBe(-1);
  await time.advance(IDLE_MS);
  expect(silentAtMs()).toBe(IDLE_MS);
  expect([looks.size, time.pending()]).toEqual([0, 0]);
});

test("bears one that sends a byte now and then, and counts anew from each", async () => {
  const { time, answer, silentAtMs } = watched();
  for (let i = 0; i < 10; i++) {
    await time.advance(900);
    answer.bytesOut++;
  }
  const lastMs = time.nowMs();
  expect(silentAtMs()).toBe(-1);
  await time.advance(2 * IDLE_MS);
  expect(silentAtMs() - lastMs).toBeGreaterThanOrEqual(IDLE_MS);
  expect(silentAtMs() - lastMs).toBeLessThanOrEqual(1.25 * IDLE_MS);
});

test("does not blame the endpoint for a caller that takes nothing", async () => {
  const { time, body, silentAtMs } = watched();
  body.flowing = false;
  await time.advance(20 * IDLE_MS);
  expect(silentAtMs()).toBe(-1);
  body.flowing = true;
  await time.advance(1.25 * IDLE_MS);
  expect(silentAtMs()).toBeGreaterThan(0);
});

test("looks no more once it is settled", async () => {
  const { time, looks, watch, silentAtMs } = watched();
  watch.settle();
  await time.advance(20 * IDLE_MS);
  expect([silentAtMs(), looks.size]).toEqual([-1, 0]);
});
