import { describe, expect, test } from "vitest";
import { many, stage } from "../../cluster/stage.suite.ts";
import { failure, SUCCESS } from "../../outcome.ts";
import { outliers } from "../../cluster/stage.suite.ts";
import { vectors } from "../../vectors.suite.ts";
import { pickerSuite } from "../picker.suite.ts";
import { cost } from "./cost.ts";
import { peakEwma } from "./peak-ewma.ts";

pickerSuite(peakEwma);

const never = outliers({ consecutiveFailures: Number.POSITIVE_INFINITY });

describe("peak EWMA", () => {
  test.each(vectors.cost.cases)(
    "costs $cost at $m ms, $f failing, $p pending, weight $w",
    ({ m, f, p, w, cost: expected }) => {
      expect(cost(m, vectors.cost.typicalMs, f, p, w)).toBeCloseTo(expected, 10);
    },
  );

  test("has a cost that is finite and not negative for the oddest numbers", () => {
    for (const m of [0, 1e-9, 1e9])
      for (const typical of [0.001, 1e6])
        for (const p of [0, 1e6]) {
          const value = cost(m, typical, 1, p, 1);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(Number.POSITIVE_INFINITY);
        }
  });

  test("gives a newcomer one attempt at a time until its first answer", () => {
    const { cluster, call, clock } = stage(3);
    warm(3, { cluster, call, clock });
    cluster.update(many(4));
    const held = Array.from({ length: 60 }, () => cluster.acquire(call()));
    const atNewcomer = held.filter(({ endpoint: { id } }) => id === "e3");
    expect(atNewcomer).toHaveLength(1);
    clock.now += 5;
    atNewcomer[0]!.answered(SUCCESS);
    const more = Array.from({ length: 60 }, () => cluster.acquire(call()));
    expect(more.filter(({ endpoint: { id } }) => id === "e3").length).toBeGreaterThan(5);
  });

  test("gives a newcomer no more of them to a process that has run for a day", () => {
    const { cluster, clock, call } = stage(3, { picker: peakEwma() });
    clock.now += 86_400_000;
    for (const one of many(3)) cluster.lease(one, call()).release(SUCCESS, clock.now + 20);
    cluster.update(many(4));
    const ids = Array.from({ length: 40 }, () => cluster.acquire(call()).endpoint.id);
    expect(ids.filter((id) => id === "e3")).toHaveLength(1);
  });

  test("keeps a newcomer that fails fast a newcomer: it is not a fast endpoint", () => {
    const { cluster, call, clock } = stage(3, { outliers: never });
    warm(3, { cluster, call, clock });
    cluster.update(many(4));
    const lease = cluster.lease(many(4)[3]!, call());
    clock.now += 1;
    lease.release(failure("server-error"));
    expect(cluster.snapshot().endpoints[3]!.latencyMs).toBeUndefined();
    expect(cluster.snapshot().endpoints[3]!.failures).toBe(1);
  });

  test("turns from an endpoint whose attempt hangs before that attempt has ended", () => {
    const { cluster, call, clock } = stage(2);
    warm(2, { cluster, call, clock });
    cluster.lease(many(2)[0]!, call());
    clock.now += 2_000;
    for (let i = 0; i < 20; i++) {
      const lease = cluster.acquire(call());
      expect(lease.endpoint.id).toBe("e1");
      clock.now += 10;
      lease.release(SUCCESS);
    }
  });

  test("does not send traffic to an endpoint because it fails fast", () => {
    const { cluster, call, clock } = stage(5, { outliers: never });
    let atBad = 0;
    for (let i = 0; i < 2_000; i++) {
      const lease = cluster.acquire(call());
      const bad = lease.endpoint.id === "e0";
      if (bad) atBad++;
      clock.now += bad ? 1 : 20;
      lease.release(bad ? failure("server-error") : SUCCESS);
    }
    expect(atBad).toBeLessThan(20); // without the failure term it is 2 of 5: 800
  });

  test("leaves alone who asked for it, until the time is over or all asked", () => {
    const { cluster, call, clock } = stage(2, { outliers: never });
    warm(2, { cluster, call, clock });
    cluster.lease(many(2)[0]!, call()).release(failure("overloaded", 60_000));
    const picks = (): Set<string> => new Set(Array.from({ length: 10 }, () => pickOnce({ cluster, call, clock })));
    expect(picks()).toEqual(new Set(["e1"]));
    clock.now += 59_000;
    expect(picks()).toEqual(new Set(["e1"]));
    cluster.lease(many(2)[1]!, call()).release(failure("overloaded", 60_000));
    clock.now += 500; // now both are on hold: their own merits decide
    expect(picks()).toContain("e0");
  });

  test("believes no Retry-After beyond five minutes", () => {
    const { cluster, call, clock } = stage(2, { outliers: never });
    warm(2, { cluster, call, clock });
    cluster.lease(many(2)[0]!, call()).release(failure("overloaded", 1e12));
    clock.now += 300_001;
    expect(new Set(Array.from({ length: 10 }, () => pickOnce({ cluster, call, clock })))).toContain("e0");
  });

  test("draws again while the winner mostly fails, so that two bad ones among six get little", () => {
    const { cluster, call, clock } = stage(6, { outliers: never });
    let atBad = 0;
    for (let i = 0; i < 3_000; i++) {
      const lease = cluster.acquire(call());
      const bad = Number(lease.endpoint.id.slice(1)) < 4;
      if (bad) atBad++;
      clock.now += 5;
      lease.release(bad ? failure("reset") : SUCCESS);
    }
    // A pair of bad ones is drawn with 4/6 * 3/5 = 0.4; four such pairs in a row with 0.4^4 = 2.6 %: 77 of 3,000,
    // standard deviation 9, and the attempts that taught it (under 60).
    expect(atBad).toBeLessThan(77 + 5 * 9 + 60);
  });

  test("survives a clock that steps back", () => {
    const { cluster, call, clock } = stage(4);
    for (let i = 0; i < 50; i++) {
      const lease = cluster.acquire(call());
      clock.now -= 100;
      lease.release(i % 4 === 0 ? failure("reset") : SUCCESS);
    }
    for (const { latencyMs, failures } of cluster.snapshot().endpoints) {
      expect(latencyMs ?? 0).toBeGreaterThanOrEqual(0);
      expect(failures).toBeGreaterThanOrEqual(0);
      expect(failures).toBeLessThanOrEqual(1);
    }
    expect(cluster.snapshot().typicalMs).toBeGreaterThan(0);
  });
});

type Lab = Pick<ReturnType<typeof stage>, "cluster" | "call" | "clock">;

/** Every endpoint has answered in 10 ms. */
function warm(size: number, { cluster, call, clock }: Lab): void {
  const leases = many(size).map((one) => cluster.lease(one, call()));
  clock.now += 10;
  for (const lease of leases) lease.release(SUCCESS);
}

function pickOnce({ cluster, call, clock }: Lab): string {
  const lease = cluster.acquire(call());
  clock.now += 10;
  lease.release(SUCCESS);
  return lease.endpoint.id;
}

test("calls made one at a time try each newcomer before they settle", () => {
  const { cluster, clock, call } = stage(3);
  const tried = new Set<string>();
  for (let i = 0; i < 3; i++) {
    const lease = cluster.acquire(call());
    tried.add(lease.endpoint.id);
    clock.now += 5;
    lease.answered(SUCCESS);
    lease.release(SUCCESS);
  }
  expect(tried.size).toBe(3);
});

test("fresh clients do not all begin with the first endpoint of the list", () => {
  const firsts = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const { cluster, call } = stage(3, {}, seed);
    firsts.add(cluster.acquire(call()).endpoint.id);
  }
  expect(firsts.size).toBe(3);
});
