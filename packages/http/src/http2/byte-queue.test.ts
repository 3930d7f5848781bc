import { expect, test } from "vitest";
import { ByteQueue } from "./byte-queue.ts";

test("what goes in comes out, in order, whatever the sizes of the pieces", () => {
  const all = Buffer.from(Array.from({ length: 60_000 }, (_, i) => i % 251));
  for (const pieces of [[60_000], [1, 2, 3, 10_000], [1], [16_384, 1]]) {
    const queue = new ByteQueue();
    const out: Buffer[] = [];
    let at = 0;
    for (let i = 0; at < all.length; i++) {
      const to = Math.min(all.length, at + pieces[i % pieces.length]!);
      queue.push(all, at, to);
      at = to;
      if (i % 3 === 2) {
        const { first } = queue;
        const count = Math.ceil(first.length / 2);
        out.push(Buffer.from(first.subarray(0, count)));
        queue.take(count);
      }
    }
    while (queue.size > 0) {
      const { first } = queue;
      out.push(Buffer.from(first));
      queue.take(first.length);
    }
    expect(Buffer.concat(out).equals(all)).toBe(true);
    expect(queue.first.length).toBe(0);
  }
});

test("pieces of one byte cost little more than their bytes", () => {
  const queue = new ByteQueue();
  const byte = Buffer.from("x");
  const before = process.memoryUsage();
  for (let i = 0; i < 4_000_000; i++) queue.push(byte, 0, 1);
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  expect(queue.size).toBe(4_000_000);
  expect(grown).toBeLessThan(40_000_000);
});

test("what came as one piece, and was not touched, is whole", () => {
  const queue = new ByteQueue();
  expect(queue.whole).toBeUndefined();
  queue.push(Buffer.from("-all of it-"), 1, 10);
  expect(queue.whole?.toString()).toBe("all of it");
  queue.push(Buffer.from("and more"), 0, 8);
  expect(queue.whole).toBeUndefined();
});

test("a block is freed with the last byte that is dropped of it, unless others share its memory", () => {
  const queue = new ByteQueue();
  queue.push(Buffer.alloc(20_000, "a"), 0, 20_000);
  queue.push(Buffer.alloc(100, "b"), 0, 100);
  const { first } = queue;
  queue.drop(19_999);
  expect([first.length, queue.first.length]).toEqual([20_000, 1]);
  queue.drop(1);
  expect([first.length, queue.size, queue.first.toString()]).toEqual([0, 100, "b".repeat(100)]);

  const short = new ByteQueue();
  short.push(Buffer.alloc(100, "c"), 0, 100);
  const slice = short.first;
  short.drop(100);
  expect(slice.toString()).toBe("c".repeat(100));
});

test("what was taken stays whose it is", () => {
  const queue = new ByteQueue();
  queue.push(Buffer.alloc(20_000, "a"), 0, 20_000);
  const { first } = queue;
  expect(queue.take(20_000)).toHaveLength(20_000);
  expect(first).toHaveLength(20_000);
});
