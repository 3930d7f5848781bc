import { describe, expect, test } from "vitest";
import { hashOf, wordOf } from "../hash/hash-vectors.suite.ts";
import { xxh64 } from "../hash/xxh64.ts";
import { SUCCESS } from "../outcome.ts";
import { ketama } from "../policy/ketama/ketama.ts";
import { maglev } from "../policy/maglev/maglev.ts";
import type { Picker } from "../policy/picker.ts";
import { ringHash } from "../policy/ring-hash/ring-hash.ts";
import { sourceIp } from "../policy/source-ip/source-ip.ts";
import { many, type Stage, stage } from "./stage.suite.ts";

// One that hashes would give a newcomer all calls of its keys at once. It gets its tenth of them, by and by more; the
// others go to the next place of each key, which is where they were before it came.

const WINDOW_MS = 30_000;
const KEYS = 2_000;

/** `strays`: share of the keys that move between the others, for a ring of one size and Maglev's table are made anew. */
const pickers: { kind: string; make: () => Picker; strays: number }[] = [
  { kind: "ring-hash", make: ringHash, strays: 0.2 },
  { kind: "maglev", make: maglev, strays: 0.2 },
  { kind: "ketama", make: ketama, strays: 0 },
  { kind: "source-ip", make: sourceIp, strays: 0 },
];

describe.each(pickers)("slow start of $kind", ({ make, strays }) => {
  test("gives a newcomer few of the calls of its keys, and its keys' other calls to who had them", () => {
    const lab = stage(3, { slowStartMs: WINDOW_MS, picker: make() });
    const before = homes(lab);
    lab.cluster.update(many(4));
    const after = homes(lab);
    // 0.1 / 3.1 of all calls, and the two that it may have saved.
    expect(count(after, "e3")).toBeLessThanOrEqual((KEYS * 0.1) / 3.1 + 2);
    expect(count(after, "e3")).toBeGreaterThan((KEYS * 0.1) / 3.1 / 2);
    const moved = after.filter((home, key) => home !== "e3" && home !== before[key]);
    expect(moved.length).toBeLessThanOrEqual(KEYS * strays);
  });

  test("gives it more as it gets older, and in the end all of its keys, always", () => {
    const lab = stage(3, { slowStartMs: WINDOW_MS, picker: make() });
    lab.cluster.update(many(4));
    lab.clock.now += 15_000;
    // Half of its weight of 3.5: or all that its keys come to, where those are fewer.
    const half = count(homes(lab), "e3");
    lab.clock.now += 15_000;
    const all = homes(lab);
    expect(half).toBeLessThanOrEqual((KEYS * 0.5) / 3.5 + 2);
    expect(half).toBeGreaterThan(KEYS * 0.1);
    expect(count(all, "e3")).toBeGreaterThan(half);
    expect(homes(lab)).toEqual(all);
  });
});

/** Where a call of each key goes. */
function homes({ cluster, call }: Stage): string[] {
  return Array.from({ length: KEYS }, (_, i) => {
    const one = call();
    one.hash = wordOf(hashOf(xxh64, `key-${i}`));
    const lease = cluster.acquire(one);
    lease.release(SUCCESS);
    return lease.endpoint.id;
  });
}

function count(homes: readonly string[], id: string): number {
  return homes.filter((home) => home === id).length;
}
