import { expect, test } from "vitest";
import { TypicalLatency } from "./typical-latency.ts";

test("is 30 ms before any success, and the first success after it", () => {
  const typical = new TypicalLatency();
  expect(typical.valueMs).toBe(30);
  typical.observe(400, 1_000);
  expect(typical.valueMs).toBeCloseTo(400, 9);
});

test("averages the first twenty on a logarithmic scale", () => {
  const typical = new TypicalLatency();
  for (let i = 0; i < 10; i++) {
    typical.observe(10, 0);
    typical.observe(1_000, 0);
  }
  expect(typical.valueMs).toBeCloseTo(100, 6);
});

test("follows a lasting change within a few time constants of 10 s", () => {
  const typical = new TypicalLatency();
  for (let i = 0; i < 100; i++) typical.observe(10, i * 10);
  for (let atMs = 1_000; atMs <= 51_000; atMs += 10) typical.observe(100, atMs);
  // After 50 s e^-5 of ln 10 is left: 100 * 10^-0.0067 = 98.5.
  expect(typical.valueMs).toBeCloseTo(98.46, 1);
});

test("stays above zero for answers faster than the clock can tell", () => {
  const typical = new TypicalLatency();
  for (let i = 0; i < 100; i++) typical.observe(0, i);
  expect(typical.valueMs).toBeCloseTo(0.001, 9);
});
