import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

test("grants two at once and then one each 500 ms", () => {
  const bucket = new TokenBucket();
  expect([0, 0, 0, 0].map((atMs) => bucket.take(atMs))).toEqual([0, 0, 500, 1_000]);
});

test("a blocking watch that asks once a minute never waits", () => {
  const bucket = new TokenBucket();
  for (let atMs = 0; atMs < 3_600_000; atMs += 55_000) expect(bucket.take(atMs)).toBe(0);
});

test("slows to one each 5 s after eleven changes in ten seconds, until a quiet minute", () => {
  const bucket = new TokenBucket();
  for (let i = 0; i <= 10; i++) bucket.changed(i * 900);
  expect(bucket.take(9_000)).toBe(0);
  expect(bucket.take(9_000)).toBe(0);
  expect(bucket.take(9_000)).toBe(5_000);
  expect(bucket.take(80_000)).toBe(0);
  expect(bucket.take(80_000)).toBe(0);
  expect(bucket.take(80_000)).toBe(500);
});

test("eleven changes in more than ten seconds slow nothing", () => {
  const bucket = new TokenBucket();
  for (let i = 0; i <= 10; i++) bucket.changed(i * 1_100);
  for (let i = 0; i < 2; i++) bucket.take(12_000);
  expect(bucket.take(12_000)).toBe(500);
});
