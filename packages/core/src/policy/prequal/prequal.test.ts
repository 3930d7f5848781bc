import { seededRandom } from "@weft/testkit";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { many, outliers, stage, type Stage } from "../../cluster/stage.suite.ts";
import type { Lease } from "../../cluster/lease.ts";
import type { PickDecision } from "../../decision/decision.ts";
import { sentence } from "../../decision/sentence.ts";
import type { Endpoint } from "../../endpoint.ts";
import { failure, SUCCESS } from "../../outcome.ts";
import { pickerSuite } from "../picker.suite.ts";
import { parseLoadReport } from "../reported-load/load-report.ts";
import { prequal } from "./prequal.ts";

pickerSuite(prequal);

const never = outliers({ consecutiveFailures: Number.POSITIVE_INFINITY });

function prequalStage(endpoints: readonly Endpoint[] | number, seed?: number): Stage {
  return stage(endpoints, { picker: prequal(), outliers: never, callsPerEndpoint: 1e6 }, seed);
}

/** The endpoint says this of itself. */
function says(lease: Lease, inFlight: number, latencyMs: number, nowMs: number): void {
  const report = { perSecond: 0, errorsPerSecond: 0, utilization: 0, cpu: 0, inFlight, latencyMs };
  lease.reported(report, nowMs);
}

/** Each endpoint has answered within 10 ms, and said that. */
function heard({ cluster, call, clock }: Stage, of: readonly (readonly [inFlight: number, latencyMs: number])[]): void {
  const leases = many(of.length).map((one) => cluster.lease(one, call()));
  clock.now += 10;
  leases.forEach((lease, i) => {
    says(lease, of[i]![0], of[i]![1], clock.now);
    lease.release(SUCCESS);
  });
}

/** Who is chosen, in so many picks that are not followed by an attempt. */
function chosen({ cluster, call }: Stage, picks = 30): Set<string> {
  const ids = Array.from({ length: picks }, () => {
    const choice = cluster.choose(call());
    return choice.kind === "chosen" ? choice.endpoint.id : choice.code;
  });
  return new Set(ids);
}

describe("prequal", () => {
  test("takes the fastest of three that are not hot", () => {
    const lab = prequalStage(3);
    heard(lab, [
      [3, 40],
      [5, 30],
      [9, 5], // above the quantile of three, which is the second
    ]);
    expect(chosen(lab)).toEqual(new Set(["e1"]));
  });

  test("leaves an endpoint as soon as its own attempts have made it hot", () => {
    const lab = prequalStage(3);
    heard(lab, [
      [0, 40],
      [1, 30],
      [3, 50],
    ]);
    const ids = Array.from({ length: 4 }, () => lab.cluster.acquire(lab.call()).endpoint.id);
    // e1 has two, three, then four: more than the second of three.
    expect(ids).toEqual(["e1", "e1", "e1", "e0"]);
  });

  test("never takes the slowest of many, nor one that is hot while others are not", () => {
    const lab = prequalStage(8);
    heard(
      lab,
      Array.from({ length: 8 }, (_, i) => [i === 7 ? 50 : 2, i === 0 ? 400 : 20]),
    );
    const ids = chosen(lab, 400);
    expect(ids).not.toContain("e0");
    expect(ids).not.toContain("e7");
    expect(ids.size).toBe(6);
  });

  test("gives a heavier endpoint more in flight before it is hot", () => {
    const lab = prequalStage(many([1, 4, 1]));
    heard(lab, [
      [2, 20],
      [8, 10], // 9 / 4 is below 3
      [2, 30],
    ]);
    expect(chosen(lab)).toEqual(new Set(["e1"]));
  });

  test("tries each newcomer before any other, one attempt at a time until its first answer", () => {
    const lab = prequalStage(3);
    const leases = Array.from({ length: 3 }, () => lab.cluster.acquire(lab.call()));
    expect(new Set(leases.map(({ endpoint: { id } }) => id)).size).toBe(3);
    lab.clock.now += 10;
    for (const lease of leases) lease.release(SUCCESS);
    lab.cluster.update(many(4));
    const later = Array.from({ length: 40 }, () => lab.cluster.acquire(lab.call()).endpoint.id);
    expect(later.filter((id) => id === "e3")).toHaveLength(1);
  });

  test("begins anywhere", () => {
    const firsts = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const { cluster, call } = prequalStage(3, seed);
      firsts.add(cluster.acquire(call()).endpoint.id);
    }
    expect(firsts.size).toBe(3);
  });

  test("goes by its own attempts and latencies when nobody reports", () => {
    const { cluster, call, clock } = prequalStage(3);
    const leases = many(3).map((one) => cluster.lease(one, call()));
    for (const [i, lease] of leases.entries()) {
      clock.now += i === 0 ? 5 : 50;
      lease.release(SUCCESS);
    }
    expect(cluster.acquire(call()).endpoint.id).toBe("e0");
    expect(cluster.acquire(call()).endpoint.id).not.toBe("e0"); // which has one in flight, the others none
  });

  test("believes for a second what an endpoint said of its requests in flight", () => {
    const lab = prequalStage(3);
    heard(lab, [
      [9, 5],
      [0, 40],
      [0, 40],
    ]);
    lab.clock.now += 1_000;
    expect(chosen(lab)).not.toContain("e0");
    lab.clock.now += 1;
    expect(chosen(lab)).toEqual(new Set(["e0"]));
  });

  test("turns from an endpoint whose attempt hangs before that attempt has ended", () => {
    const lab = prequalStage(3);
    heard(lab, [
      [0, 5],
      [0, 40],
      [0, 40],
    ]);
    lab.cluster.lease(many(3)[0]!, lab.call());
    lab.clock.now += 500;
    expect(chosen(lab)).not.toContain("e0");
  });

  test.each([5, 40])("sends little to one of %d endpoints that fails fast and says that it is idle", (size) => {
    const { cluster, call, clock } = prequalStage(size);
    let atBad = 0;
    for (let i = 0; i < 4_000; i++) {
      const lease = cluster.acquire(call());
      const bad = lease.endpoint.id === "e0";
      if (bad) atBad++;
      clock.now += bad ? 1 : 5;
      says(lease, 0, bad ? 1 : 20, clock.now);
      lease.release(bad ? failure("server-error") : SUCCESS);
    }
    // Until a quarter of the latest fail, and then once for each ln(1 / 0.25) * 10 s = 14 s, of 20.
    expect(atBad).toBeLessThan(12);
  });

  test("leaves alone who asked for it, unless all did", () => {
    const lab = prequalStage(2);
    heard(lab, [
      [0, 10],
      [0, 40],
    ]);
    lab.cluster.lease(many(2)[0]!, lab.call()).release(failure("overloaded", 60_000));
    expect(chosen(lab)).toEqual(new Set(["e1"]));
    lab.cluster.lease(many(2)[1]!, lab.call()).release(failure("overloaded", 60_000));
    expect(chosen(lab).size).toBeGreaterThan(0);
  });

  test("gives one pick in a hundred to an endpoint of which nothing was heard for a second", () => {
    const lab = prequalStage(4);
    const { cluster, call, clock } = lab;
    heard(lab, [
      [0, 500],
      [0, 20],
      [0, 20],
      [0, 20],
    ]);
    const atSlow: number[] = [];
    for (let i = 0; i < 1_000; i++) {
      const lease = cluster.acquire(call());
      if (lease.endpoint.id === "e0") atSlow.push(i);
      clock.now += 5;
      says(lease, 0, lease.endpoint.id === "e0" ? 500 : 20, clock.now);
      lease.release(SUCCESS);
    }
    // 1,000 picks in five seconds.
    expect(atSlow.length).toBeGreaterThanOrEqual(3);
    expect(atSlow.length).toBeLessThanOrEqual(5);
    for (const [i, at] of atSlow.entries()) if (i > 0) expect(at - atSlow[i - 1]!).toBeGreaterThan(100);
  });

  test("has a slow endpoint back as soon as that one says that it is well", () => {
    const lab = prequalStage(3);
    heard(lab, [
      [0, 500],
      [0, 20],
      [0, 20],
    ]);
    heard(lab, [
      [0, 10],
      [0, 20],
      [0, 20],
    ]);
    expect(chosen(lab)).toEqual(new Set(["e0"]));
  });
});

describe("prequal among many", () => {
  test("spreads calls over all that are alike", () => {
    const { cluster, call, clock } = prequalStage(60);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6_000; i++) {
      const lease = cluster.acquire(call());
      counts.set(lease.endpoint.id, (counts.get(lease.endpoint.id) ?? 0) + 1);
      clock.now += 1;
      says(lease, 3, 20, clock.now);
      lease.release(SUCCESS);
    }
    expect(counts.size).toBe(60);
    // A hundred each; clients that all chose one would have thousands there.
    expect(Math.max(...counts.values())).toBeLessThan(300);
  });

  test("avoids the ones that are busy or slow", () => {
    const lab = prequalStage(40);
    const { cluster, call, clock } = lab;
    heard(
      lab,
      Array.from({ length: 40 }, (_, i) => (i < 4 ? [80, 10] : i < 8 ? [2, 300] : [2, 20])),
    );
    const counts = { busy: 0, slow: 0, well: 0 };
    for (let i = 0; i < 500; i++) {
      const choice = cluster.choose(call());
      const at = choice.kind === "chosen" ? Number(choice.endpoint.id.slice(1)) : -1;
      counts[at < 4 ? "busy" : at < 8 ? "slow" : "well"]++;
      clock.now += 1;
    }
    // One in a hundred, at most, is not for what is known.
    expect(counts.busy).toBeLessThanOrEqual(5);
    expect(counts.slow).toBeLessThanOrEqual(5);
  });

  test("picks somebody when all that it has seen are full", () => {
    const { cluster, call } = stage(30, { picker: prequal(), callsPerEndpoint: 1 });
    const ids = Array.from({ length: 30 }, () => cluster.acquire(call()).endpoint.id);
    expect(new Set(ids).size).toBe(30);
    expect(cluster.choose(call())).toEqual({ kind: "none", code: "OVERLOADED" });
  });

  test("forgets what it has seen when the list changes", () => {
    const { cluster, call } = prequalStage(40);
    for (let size = 40; size > 20; size--) {
      for (let i = 0; i < 5; i++) cluster.acquire(call()).release(SUCCESS);
      cluster.update(many(size - 1).toReversed());
      const choice = cluster.choose(call());
      const number = choice.kind === "chosen" ? Number(choice.endpoint.id.slice(1)) : Number.NaN;
      expect(number).toBeLessThan(size - 1);
    }
  });
});

describe("prequal explains", () => {
  const lastPick = ({ cluster }: Stage): PickDecision => {
    const decision = cluster.explain().at(-1);
    if (decision?.kind !== "pick") throw new Error("no pick was recorded");
    return decision;
  };

  test("who is hot, and what is in flight there", () => {
    const lab = prequalStage(3);
    heard(lab, [
      [3, 40],
      [5, 30],
      [9, 5],
    ]);
    lab.cluster.choose(lab.call());
    const words = sentence(lastPick(lab));
    expect(words).toContain("attempt 1 goes to e1, the lowest load (");
    expect(words).toContain("e0: load 40.00, 40 ms, 3 in flight, 0 pending");
    expect(words).toContain("e1: load 30.00, 30 ms, 5 in flight, 0 pending");
    expect(words).toContain("e2: hot, 5.0 ms, 9 in flight, 0 pending");
  });

  test("how many it compared among many, the chosen one among those kept", () => {
    const lab = prequalStage(40);
    for (let i = 0; i < 50; i++) lab.cluster.choose(lab.call());
    const pick = lastPick(lab);
    expect(pick.compared).toBeGreaterThan(10);
    expect(pick.candidates.map(({ endpoint }) => endpoint)).toContain(pick.endpoint);
  });

  test("that nothing was heard of the one picked", () => {
    const lab = prequalStage(3);
    heard(lab, [
      [0, 500],
      [0, 20],
      [0, 20],
    ]);
    lab.clock.now += 2_000;
    chosen(lab, 100);
    const words = sentence(lastPick(lab));
    expect(words).toMatch(/^attempt 1 goes to e\d, of which nothing was heard for a second; /);
  });
});

describe("prequal with bad input", () => {
  test.each(["NaN", "-1", "1e309", "much", ""])("keeps nothing of a report of %s in flight", (value) => {
    expect(parseLoadReport(`TEXT named_metrics.rif=${value}`)).toBeUndefined();
    expect(parseLoadReport(`TEXT named_metrics.latency_ms=${value}`)).toBeUndefined();
  });

  test("picks a member whatever is reported, however the clock jumps", () => {
    const odd = fc.constantFrom(0, 1, 1e-300, 1e9, 1e308, Number.MAX_VALUE, 5);
    const step = fc.record({
      inFlight: fc.option(odd, { nil: undefined }),
      latencyMs: fc.option(odd, { nil: undefined }),
      afterMs: fc.integer({ min: -5_000, max: 5_000 }),
      ends: fc.constantFrom("success", "failure", "hold", "never"),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 3, 5, 24, 25, 60),
        fc.array(fc.constantFrom(1e-9, 1, 1e9), { minLength: 1, maxLength: 3 }),
        fc.array(step, { maxLength: 150 }),
        (size, weights, steps) => {
          const { cluster, call, clock } = prequalStage(
            many(Array.from({ length: size }, (_, i) => weights[i % weights.length]!)),
          );
          for (const { inFlight, latencyMs, afterMs, ends } of steps) {
            const lease = cluster.acquire(call());
            clock.now += afterMs;
            lease.reported(
              { perSecond: 0, errorsPerSecond: 0, utilization: 0, cpu: 0, inFlight, latencyMs },
              clock.now,
            );
            if (ends === "never") continue;
            lease.release(ends === "success" ? SUCCESS : failure("overloaded", ends === "hold" ? 1e9 : 0), clock.now);
          }
          for (const { candidates, endpoint } of picksOf(cluster)) {
            expect(endpoint).toBeDefined();
            for (const { load } of candidates) expect(load).not.toBeNaN();
          }
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });

  test("gives a busy endpoint calls again within a second after the clock was set back by an hour", () => {
    const lab = prequalStage(3);
    lab.clock.now += 3_600_000;
    heard(lab, [
      [9, 5],
      [0, 40],
      [0, 40],
    ]);
    lab.clock.now -= 3_600_000;
    expect(chosen(lab)).toContain("e0");
  });

  test("still answers with both of two endpoints bad", () => {
    const { cluster, call, clock } = prequalStage(2);
    const ids = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const lease = cluster.acquire(call());
      ids.add(lease.endpoint.id);
      clock.now += 3;
      lease.release(failure("reset"));
    }
    expect(ids.size).toBe(2);
  });

  test("takes the only endpoint there is", () => {
    const { cluster, call } = prequalStage(1);
    for (let i = 0; i < 300; i++) expect(cluster.acquire(call()).endpoint.id).toBe("e0");
  });

  test("is the same twice under one seed, with any number of endpoints", () => {
    const run = (size: number): string[] => {
      const { cluster, call, clock } = prequalStage(size, 3);
      const random = seededRandom(5);
      return Array.from({ length: 300 }, () => {
        const lease = cluster.acquire(call());
        clock.now += random.below(40);
        says(lease, random.below(9), random.below(99), clock.now);
        lease.release(SUCCESS);
        return lease.endpoint.id;
      });
    };
    for (const size of [3, 24, 25, 100]) expect(run(size)).toEqual(run(size));
  });
});

function picksOf(cluster: Stage["cluster"]): PickDecision[] {
  return cluster.explain().filter((decision): decision is PickDecision => decision.kind === "pick");
}
