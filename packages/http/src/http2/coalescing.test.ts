import { expect, test } from "vitest";
import { Coalescing } from "./coalescing.ts";

/** What the thread does by this clock. */
class Thread {
  ms = 0;
  readonly coalescing: Coalescing = new Coalescing({ nowMs: () => this.ms, wait: () => void (this.ms += 0.07) });

  /** One turn: it is woken up at `atMs`, or at once when that is past, and sends. */
  turn(atMs: number, tookMs: number, messages: number): void {
    this.ms = Math.max(this.ms, atMs);
    this.coalescing.began(this.ms);
    this.ms += tookMs;
    this.coalescing.ended(messages);
  }
}

const TURN_MS = 0.02;
const MESSAGE_MS = 0.01;

/** Messages come at a steady rate, whatever becomes of them; each turn takes all that are there. @returns how many */
function steady(thread: Thread, everyMs: number, forMs: number): number {
  const fromMs = thread.ms;
  let taken = 0;
  while (thread.ms - fromMs < forMs) {
    const nextMs = fromMs + (taken + 1) * everyMs;
    const here = Math.max(1, Math.floor((Math.max(thread.ms, nextMs) - fromMs) / everyMs) - taken);
    thread.turn(nextMs, TURN_MS + here * MESSAGE_MS, here);
    taken += here;
  }
  return taken;
}

/** Each caller has its next message wait for the answer, which takes `awayMs` to come and go. @returns how many */
function closed(thread: Thread, callers: number, awayMs: number, forMs: number): number {
  const due = Array.from({ length: callers }, () => thread.ms);
  const untilMs = thread.ms + forMs;
  let taken = 0;
  while (thread.ms < untilMs) {
    const firstMs = Math.max(thread.ms, Math.min(...due));
    const here = due.filter((atMs) => atMs <= firstMs).length;
    const tookMs = TURN_MS + here * MESSAGE_MS;
    for (let i = 0; i < callers; i++) if (due[i]! <= firstMs) due[i] = firstMs + tookMs + awayMs;
    thread.turn(firstMs, tookMs, here);
    taken += here;
  }
  return taken;
}

test("waits where messages of many trickle in, and so passes them in fewer turns", () => {
  const thread = new Thread();
  steady(thread, 0.04, 200);
  const { waits } = thread.coalescing;
  expect(waits).toBeGreaterThan(1_000);
  const taken = steady(thread, 0.04, 100);
  const turns = thread.coalescing.waits - waits; // mostly one each
  expect(taken / turns).toBeGreaterThan(2);
});

test("no call is delayed of a thread that has time", () => {
  const thread = new Thread();
  steady(thread, 0.1, 1_000);
  expect(thread.coalescing.waits).toBe(0);
});

test("nor of one that has none: turns are long then", () => {
  const thread = new Thread();
  for (let turn = 0; turn < 5_000; turn++) thread.turn(0, 0.4, 40);
  expect(thread.coalescing.waits).toBe(0);
});

test("a caller that waits for each answer is slowed down by trials alone, which become rare", () => {
  const thread = new Thread();
  const withoutMs = TURN_MS + MESSAGE_MS + 0.02;
  const taken = closed(thread, 1, 0.02, 5_000);
  expect(taken).toBeGreaterThan((5_000 / withoutMs) * 0.97);
  const { waits } = thread.coalescing;
  closed(thread, 1, 0.02, 1_000);
  expect(thread.coalescing.waits - waits).toBeLessThan(1_000 / withoutMs / 50);
});

test("stops when the load becomes one that it would slow down", () => {
  const thread = new Thread();
  steady(thread, 0.04, 200);
  closed(thread, 1, 0.02, 200);
  const { waits } = thread.coalescing;
  const taken = closed(thread, 1, 0.02, 1_000);
  expect((thread.coalescing.waits - waits) / taken).toBeLessThan(0.1);
});

test("begins when the load becomes one that it makes cheaper", () => {
  const thread = new Thread();
  closed(thread, 1, 0.02, 2_000); // trials are rare by now
  steady(thread, 0.04, 3_000);
  const { waits } = thread.coalescing;
  steady(thread, 0.04, 100);
  expect(thread.coalescing.waits - waits).toBeGreaterThan(500);
});

test("turns that send no message teach nothing", () => {
  const thread = new Thread();
  for (let turn = 0; turn < 5_000; turn++) thread.turn(0, 0.05, 0);
  expect(thread.coalescing.waits).toBe(0);
});

test("what pays goes on behind a pause", () => {
  const thread = new Thread();
  steady(thread, 0.04, 300);
  const { waits } = thread.coalescing;
  for (let pause = 0; pause < 50; pause++) {
    thread.ms += 1_000;
    steady(thread, 0.04, 50);
  }
  expect(thread.coalescing.waits - waits).toBeGreaterThan(50 * 300);
});

test("one trial that was lucky is not believed", () => {
  const thread = new Thread();
  const { coalescing } = thread;
  const turns = (count: number, messages: number): void => {
    for (let turn = 0; turn < count; turn++) thread.turn(0, 0.05, messages);
  };
  while (coalescing.waits === 0) turns(1, 2);
  const { waits } = coalescing;
  turns(126, 6); // by chance, three times as many come meanwhile
  expect(coalescing.waits - waits).toBe(126);
  turns(128, 2);
  expect(coalescing.waits - waits).toBeLessThan(128);
});
