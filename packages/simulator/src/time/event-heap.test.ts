import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { EventHeap } from "./event-heap.ts";

describe("event heap", () => {
  test("gives events by instant, and those of one instant in the order they were added", () => {
    const heap = new EventHeap();
    const random = seededRandom(3);
    const given: { atMs: number; order: number }[] = [];
    const taken: { atMs: number; order: number }[] = [];
    for (let order = 0; order < 2_000; order++) {
      const event = { atMs: random.below(50), order };
      given.push(event);
      heap.add(event.atMs, { due: () => void taken.push(event) });
    }
    while (heap.size > 0) heap.take().due();
    expect(taken).toEqual(given.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order));
    expect(heap.nextMs).toBe(Infinity);
  });

  test("uses places again, so that what passes through needs no more room", () => {
    const heap = new EventHeap();
    const seen: number[] = [];
    for (let i = 0; i < 10_000; i++) {
      heap.add(i, { due: () => void seen.push(i) });
      heap.add(i + 0.5, { due: () => void seen.push(i + 0.5) });
      heap.take().due();
      heap.take().due();
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen).toHaveLength(20_000);
  });
});
