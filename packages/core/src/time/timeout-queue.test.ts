import { fakeTime, seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { Expiring, TimeoutQueue, TimeoutQueues } from "./timeout-queue.ts";

class Entry extends Expiring {
  readonly onExpire: () => void;

  constructor(onExpire: () => void) {
    super();
    this.onExpire = onExpire;
  }

  expire(): void {
    this.onExpire();
  }
}

describe("timeout queue", () => {
  test("expires each entry at its time and once, those removed never, with one timer for all", async () => {
    const time = fakeTime();
    const queue = new TimeoutQueue(1_000, time);
    const random = seededRandom(2);
    const expired = new Map<number, number>();
    const removed = new Set<number>();
    const entries: Entry[] = [];
    for (let i = 0; i < 500; i++) {
      const entry = new Entry(() => expired.set(i, time.nowMs()));
      entries.push(entry);
      queue.add(entry, time.nowMs());
      expect(time.pending()).toBe(1);
      const victim = random.below(i + 1);
      if (random.unit() < 0.5 && !expired.has(victim)) {
        entries[victim]!.settle(); // from the middle, either end, or for the second time
        removed.add(victim);
      }
      await time.advance(3);
    }
    await time.advance(1_000);
    for (let i = 0; i < 500; i++) expect(expired.get(i)).toBe(removed.has(i) ? undefined : i * 3 + 1_000);
    expect(queue.size).toBe(0);
    expect(time.pending()).toBe(0);
  });

  test("keeps to the time of those that wait when an expiring entry adds another", async () => {
    const time = fakeTime();
    const queue = new TimeoutQueue(1_000, time);
    const expired: [string, number][] = [];
    const next = new Entry(() => expired.push(["next", time.nowMs()]));
    queue.add(new Entry(() => queue.add(next, time.nowMs())), 0);
    await time.advance(10);
    queue.add(new Entry(() => expired.push(["second", time.nowMs()])), time.nowMs());
    await time.advance(2_000);
    expect(expired).toEqual([
      ["second", 1_010],
      ["next", 2_000],
    ]);
  });

  test("goes on when an entry throws", async () => {
    const time = fakeTime();
    const queue = new TimeoutQueue(100, time);
    let expired = false;
    queue.add(
      new Entry(() => {
        throw new Error("in the hook");
      }),
      0,
    );
    queue.add(new Entry(() => (expired = true)), 1);
    await expect(time.advance(100)).rejects.toThrow("in the hook");
    await time.advance(1);
    expect(expired).toBe(true);
  });

  test("moves an entry that is added again", async () => {
    const time = fakeTime();
    const queue = new TimeoutQueue(100, time);
    const instants: number[] = [];
    const entry = new Entry(() => instants.push(time.nowMs()));
    queue.add(entry, 0);
    await time.advance(60);
    queue.add(entry, 60);
    await time.advance(1_000);
    expect(instants).toEqual([160]);
  });

  test("expires at once what is overdue after the clock jumped ahead", async () => {
    const time = fakeTime();
    const queue = new TimeoutQueue(1_000, time);
    let expired = 0;
    for (let i = 0; i < 1_000; i++) queue.add(new Entry(() => expired++), i / 10);
    await time.advance(1_000_000);
    expect(expired).toBe(1_000);
  });

  test("waits longer than a timer can, without spinning", async () => {
    const time = fakeTime();
    const waits: number[] = [];
    const month = 30 * 24 * 3_600_000;
    const queue = new TimeoutQueue(month, {
      nowMs: time.nowMs,
      sleep: time.sleep,
      after(ms, run) {
        waits.push(ms);
        return time.after(ms, run);
      },
    });
    let expired = false;
    queue.add(new Entry(() => (expired = true)), 0);
    await time.advance(month);
    expect(expired).toBe(true);
    expect(waits).toEqual([2 ** 31 - 1, month - (2 ** 31 - 1)]);
  });

  test("leaves no timer behind when closed", async () => {
    const time = fakeTime();
    const queues = new TimeoutQueues(time);
    let expired = 0;
    for (const ms of [10, 20, 30]) queues.of(ms).add(new Entry(() => expired++), 0);
    queues.close();
    expect(time.pending()).toBe(0);
    await time.advance(100);
    expect(expired).toBe(0);
  });
});

describe("timeout queues", () => {
  test("share one queue for each length, whichever were asked for last", () => {
    const queues = new TimeoutQueues(fakeTime());
    const lengths = [15_000, 3_000, 15_000, 1_000, 3_000, 1_000, 15_000];
    const asked = lengths.map((ms) => queues.of(ms));
    expect(asked.map(({ lengthMs }) => lengthMs)).toEqual(lengths);
    expect(new Set(asked).size).toBe(3);
  });

  test("stay few where every call brings a length of its own, and none is early or late by more than 1 in 64", async () => {
    const time = fakeTime();
    const queues = new TimeoutQueues(time);
    const random = seededRandom(9);
    const late: number[] = [];
    for (let i = 0; i < 5_000; i++) {
      const lengthMs = 100 + random.unit() * 900;
      queues.of(lengthMs).add(new Entry(() => late.push(time.nowMs() / lengthMs - 1)), 0);
    }
    expect(time.pending()).toBeLessThan(64 * 6);
    await time.advance(2_000);
    expect(late).toHaveLength(5_000);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(-0.005); // a timer may be 0.5 ms early: of 100 ms, 0.5 %
    expect(Math.max(...late)).toBeLessThan(1 / 64);
  });

  test("give exact lengths again once those in use have become few", () => {
    const queues = new TimeoutQueues(fakeTime());
    const entries = Array.from({ length: 80 }, () => new Entry(() => {}));
    entries.forEach((entry, i) => queues.of(1_000.1 + i).add(entry, 0));
    const last = queues.of(1_079.1);
    for (const entry of entries) entry.settle();
    expect(queues.of(5_000.7).lengthMs).toBe(5_000.7);
    expect(queues.of(last.lengthMs)).not.toBe(last); // which was let go, its timer with it
  });
});
