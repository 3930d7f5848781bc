import { describe, expect, test } from "vitest";
import { failure, SUCCESS } from "../outcome.ts";
import type { AdaptiveRule } from "../policy/adaptive-concurrency/adaptive-rule.ts";
import { gradient2 } from "../policy/adaptive-concurrency/gradient2.ts";
import { peakEwma } from "../policy/peak-ewma/peak-ewma.ts";
import type { Picker } from "../policy/picker.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import type { EndpointLimit } from "./learned-limits.ts";
import type { Lease } from "./lease.ts";
import { many, type Stage, stage } from "./stage.suite.ts";

const learning = (most = 50, min = 4): EndpointLimit => {
  return { kind: "gradient2", most, rule: () => gradient2({ min: Math.min(min, most), max: most }) };
};

function lab(count: number, picker: () => Picker = roundRobin, limit: EndpointLimit | undefined = learning()): Stage {
  return stage(count, { picker: picker(), endpointLimit: limit, callsPerEndpoint: 50 });
}

const limits = ({ cluster }: Stage): readonly (number | undefined)[] =>
  cluster.snapshot().endpoints.map(({ learnedMost }) => learnedMost);
const pending = ({ cluster }: Stage): readonly number[] => cluster.snapshot().endpoints.map((one) => one.pending);

/** `rounds` times, so many calls at once, or as many as there is room for, each answered after what its endpoint takes. */
function serve(of: Stage, rounds: number, atOnce: number, tookMs: (id: string) => number): void {
  const { cluster, call, clock } = of;
  for (let round = 0; round < rounds; round++) {
    const startedMs = clock.now;
    const leases: Lease[] = [];
    while (leases.length < atOnce) {
      const choice = cluster.choose(call());
      if (choice.kind === "none") break;
      leases.push(cluster.lease(choice.endpoint, call()));
    }
    const inOrder = leases.toSorted((a, b) => tookMs(a.endpoint.id) - tookMs(b.endpoint.id));
    for (const lease of inOrder) {
      clock.now = startedMs + tookMs(lease.endpoint.id);
      lease.answered(SUCCESS);
      lease.release(SUCCESS);
    }
  }
}

describe("a limit that is learned for each endpoint", () => {
  test("grows where nobody waits, and not while the endpoint is far from it", () => {
    const busy = lab(2);
    serve(busy, 20, 8, () => 10);
    for (const most of limits(busy)) expect(most).toBeGreaterThan(4);
    const quiet = lab(2);
    serve(quiet, 50, 2, () => 10); // one at a time at each, where four may be
    expect(limits(quiet)).toEqual([4, 4]);
  });

  test("falls where the answers get slow, and nowhere else", () => {
    const one = lab(2);
    serve(one, 60, 60, () => 10);
    const before = limits(one);
    serve(one, 4, 60, (id) => (id === "e0" ? 100 : 10));
    const [slow, well] = limits(one);
    expect(slow).toBeLessThan(before[0]!);
    expect(well).toBeGreaterThanOrEqual(before[1]!);
  });

  test.each([roundRobin, peakEwma])(
    "makes picks pass over who is full, and no call fail while another has room",
    (make) => {
      const full = lab(3, make);
      for (let i = 0; i < 12; i++) full.cluster.acquire(full.call());
      expect(pending(full)).toEqual([4, 4, 4]);
    },
  );

  test("refuses a call when all are full, and says which limit it was", () => {
    const { cluster, call, journal } = lab(2);
    for (let i = 0; i < 8; i++) cluster.acquire(call());
    const told = "limits.adaptivePerEndpoint: 8 calls run on 2 endpoints, as many as each answers without waiting";
    expect(() => cluster.acquire(call())).toThrow(told);
    expect(cluster.choose(call())).toEqual({ kind: "none", code: "OVERLOADED" });
    expect(journal.of("limit.reached")[0]).toEqual({
      service: "orders",
      limit: "limits.adaptivePerEndpoint",
      value: 8,
    });
    expect(cluster.explain().at(-1)).toMatchObject({ kind: "pick", verdict: "all-learned-full" });
  });

  test("falls with refusals for overload, and not with other failures", () => {
    const fail = (reason: "overloaded" | "reset"): number => {
      const rig = lab(1, roundRobin, learning(50, 4));
      serve(rig, 60, 30, () => 10);
      const [before] = limits(rig);
      const held: Lease[] = Array.from({ length: before! }, () => rig.cluster.acquire(rig.call()));
      held[0]!.release(failure(reason));
      return limits(rig)[0]! - before!;
    };
    expect(fail("reset")).toBe(0);
    expect(fail("overloaded")).toBeLessThan(0);
  });

  test("is kept by a policy that learns alike, and forgotten by one that does not", () => {
    const rig = lab(1);
    serve(rig, 30, 4, () => 10);
    const [learned] = limits(rig);
    expect(learned).toBeGreaterThan(4);
    rig.cluster.configure({ endpointLimit: learning() });
    expect(limits(rig)).toEqual([learned]);
    rig.cluster.configure({ endpointLimit: learning(3) });
    expect(limits(rig)).toEqual([3]);
    rig.cluster.configure({ endpointLimit: undefined });
    expect(limits(rig)).toEqual([undefined]);
    for (let i = 0; i < 50; i++) rig.cluster.acquire(rig.call());
    expect(() => rig.cluster.acquire(rig.call())).toThrow("limits.callsPerEndpoint");
  });

  test("begins anew for an endpoint that joins, and bears one that leaves with calls on it", () => {
    const rig = lab(1);
    const lease = rig.cluster.acquire(rig.call());
    rig.cluster.update(many(3).slice(1));
    expect(limits(rig)).toEqual([4, 4]);
    rig.clock.now += 10;
    lease.release(SUCCESS);
    for (let i = 0; i < 8; i++) rig.cluster.acquire(rig.call());
    expect(pending(rig)).toEqual([4, 4]);
  });

  test("goes by each answer and the attempts at that endpoint alone", () => {
    const told: (readonly [number, number])[] = [];
    const rule = (): AdaptiveRule => ({
      kind: "told",
      limit: 10,
      answered: (tookMs, running) => told.push([tookMs, running]),
      dropped: () => {},
    });
    const rig = lab(2, roundRobin, { kind: "told", most: 50, rule });
    serve(rig, 1, 4, () => 7);
    expect(told).toEqual([
      [7, 2],
      [7, 2],
      [7, 1],
      [7, 1],
    ]);
  });
});
