import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { fakeTime } from "./fake-time.ts";

describe("fake time", () => {
  test("runs timers in order of their instants, whatever the order they were made in", async () => {
    const time = fakeTime(100);
    const ran: [string, number][] = [];
    time.after(30, () => ran.push(["late", time.nowMs()]));
    time.after(10, () => ran.push(["early", time.nowMs()]));
    time.after(20, () => ran.push(["middle", time.nowMs()]));
    await time.advance(25);
    expect(ran).toEqual([
      ["early", 110],
      ["middle", 120],
    ]);
    expect(time.nowMs()).toBe(125);
    await time.advanceTo(130);
    expect(ran.at(-1)).toEqual(["late", 130]);
  });

  test("runs timers of the same instant in order of creation", async () => {
    const time = fakeTime();
    const ran: number[] = [];
    for (let i = 0; i < 50; i++) time.after(5, () => ran.push(i));
    time.after(0, () => time.after(5, () => ran.push(50)));
    await time.advance(5);
    expect(ran).toEqual(Array.from({ length: 51 }, (_, i) => i));
  });

  test("runs the timers that timers start, at their own instants", async () => {
    const time = fakeTime();
    const instants: number[] = [];
    const tick = (): void => {
      instants.push(time.nowMs());
      time.after(10, tick);
    };
    time.after(10, tick);
    await time.advance(45);
    expect(instants).toEqual([10, 20, 30, 40]);
    expect(time.pending()).toBe(1);
  });

  test("lets promises go on between two timers, however long the chain", async () => {
    const time = fakeTime();
    const seen: string[] = [];
    const work = (async () => {
      for (let i = 0; i < 100; i++) await Promise.resolve(); // before the first timer exists
      await time.sleep(10);
      for (let i = 0; i < 100; i++) await Promise.resolve();
      seen.push(`work ${time.nowMs()}`);
      await time.sleep(1);
      seen.push(`more ${time.nowMs()}`);
    })();
    time.after(11, () => seen.push("timer 11"));
    await time.advance(20);
    await work;
    expect(seen).toEqual(["work 10", "timer 11", "more 11"]);
  });

  test("does not run a timer that was cancelled, and cancelling twice harms no other", async () => {
    const time = fakeTime();
    const ran: string[] = [];
    const cancel = time.after(10, () => ran.push("cancelled"));
    time.after(10, () => ran.push("kept"));
    cancel();
    cancel();
    expect(time.pending()).toBe(1);
    await time.advance(10);
    cancel();
    expect(ran).toEqual(["kept"]);
    expect(time.pending()).toBe(0);
  });

  test("ends a sleep with the signal's reason, and keeps neither timer nor listener", async () => {
    const time = fakeTime();
    const abort = new AbortController();
    const sleep = time.sleep(1_000, abort.signal);
    expect(time.pending()).toBe(1);
    abort.abort(new Error("enough"));
    await expect(sleep).rejects.toThrow("enough");
    expect(time.pending()).toBe(0);
    expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
  });

  test("lets go of the signal when a sleep ends by itself", async () => {
    const time = fakeTime();
    const { signal } = new AbortController();
    const sleep = time.sleep(5, signal);
    await time.advance(5);
    await sleep;
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("does not begin a sleep whose signal has aborted", async () => {
    const time = fakeTime();
    await expect(time.sleep(5, AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
    expect(time.pending()).toBe(0);
  });

  test("hands what a timer throws to whoever advances, and goes on afterwards", async () => {
    const time = fakeTime();
    let ran = false;
    time.after(1, () => {
      throw new Error("in the timer");
    });
    time.after(2, () => (ran = true));
    await expect(time.advance(5)).rejects.toThrow("in the timer");
    expect(time.nowMs()).toBe(1);
    await time.advance(4);
    expect(ran).toBe(true);
  });

  test("refuses a second advance while the first runs", async () => {
    const time = fakeTime();
    const first = time.advance(1);
    await expect(time.advance(1)).rejects.toThrow("being advanced already");
    await first;
    expect(time.nowMs()).toBe(1);
  });

  // From plain JavaScript a length may come as a text, which `+` would put behind the clock's digits.
  test.each([-1, Number.NaN, "5" as unknown as number])("refuses to wait or to advance %s ms", async (ms) => {
    const time = fakeTime();
    expect(() => time.after(ms, () => {})).toThrow(RangeError);
    await expect(time.sleep(ms)).rejects.toThrow(RangeError);
    await expect(time.advance(ms)).rejects.toThrow(RangeError);
    await expect(time.advanceTo(ms)).rejects.toThrow(RangeError);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses to start at %d ms, where no timer is ever due",
    (startMs) => {
      expect(() => fakeTime(startMs)).toThrow("a clock cannot show");
    },
  );

  test("lets a timer wait for ever", async () => {
    const time = fakeTime();
    const cancel = time.after(Number.POSITIVE_INFINITY, () => {});
    await time.advance(1e12);
    expect(time.pending()).toBe(1);
    cancel();
    expect(time.pending()).toBe(0);
  });
});
