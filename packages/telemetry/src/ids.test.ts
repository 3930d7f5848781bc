import { expect, test } from "vitest";
import { randomContext, randomSpanId, randomTraceId, spanIdOfAttempt } from "./ids.ts";

test("draws other ids each time, also where the pool of chance comes to its end", () => {
  const traces = Array.from({ length: 2_000 }, randomTraceId);
  const spans = Array.from({ length: 2_000 }, randomSpanId);
  expect(new Set(traces).size).toBe(2_000);
  expect(new Set(spans).size).toBe(2_000);
  for (const id of traces) expect(id).toMatch(/^[0-9a-f]{32}$/);
  for (const id of spans) expect(id).toMatch(/^[0-9a-f]{16}$/);
});

test("draws other contexts each time, with both ids in them, beside ids drawn one by one", () => {
  const contexts = Array.from({ length: 2_000 }, (_, i) => (i % 3 === 0 ? randomSpanId() : randomContext()));
  const whole = contexts.filter((text) => text.length > 16);
  for (const text of whole) expect(text).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-02$/);
  // Each half of each id, so that no two of them share what was drawn.
  const parts = contexts.flatMap((text) => text.match(/[0-9a-f]{16}/g) ?? []);
  expect(parts).toHaveLength(whole.length * 3 + contexts.length - whole.length);
  expect(new Set(parts).size).toBe(parts.length);
});

test("gives each attempt of a call an id of its own, and the same one whenever it is asked", () => {
  const call = randomSpanId();
  const attempts = Array.from({ length: 255 }, (_, i) => spanIdOfAttempt(call, i + 1));
  expect(new Set([call, ...attempts]).size).toBe(256);
  expect(spanIdOfAttempt(call, 7)).toBe(attempts[6]);
});

test.each([
  ["00f067aa0ba902b7", 1, "00f067aa0ba902b8"],
  ["00f067aa0ba902b9", 1, "00f067aa0ba902ba"],
  ["00f067aa0ba902ff", 2, "00f067aa0ba90201"],
])("adds the attempt to the last byte of %s", (call, attempt, id) => {
  expect(spanIdOfAttempt(call, attempt)).toBe(id);
});
