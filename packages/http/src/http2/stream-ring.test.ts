import { expect, test } from "vitest";
import { StreamRing } from "./stream-ring.ts";

test("every stream is found by its id, also when many are open and old ones stay", () => {
  const ring = new StreamRing<{ readonly id: number }>();
  const open = new Map<number, { readonly id: number }>();
  for (let id = 1; id < 20_000; id += 2) {
    const stream = { id };
    ring.add(stream);
    open.set(id, stream);
    // One of seven stays for good: later ids meet it in its slot.
    const old = id - 200;
    if (old > 0 && old % 7 !== 0) {
      expect(ring.delete(old)).toBe(true);
      open.delete(old);
    }
  }
  expect(ring.size).toBe(open.size);
  expect(new Set(ring)).toEqual(new Set(open.values()));
  for (let id = 1; id < 20_000; id += 2) expect(ring.get(id)).toBe(open.get(id));
});

test("what is not there is not taken out", () => {
  const ring = new StreamRing<{ readonly id: number }>();
  ring.add({ id: 1 });
  expect(ring.delete(3)).toBe(false);
  expect(ring.delete(1 + 2 * 64)).toBe(false);
  expect(ring.size).toBe(1);
});
