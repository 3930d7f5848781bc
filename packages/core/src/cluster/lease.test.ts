import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { failure, IGNORED, SUCCESS } from "../outcome.ts";
import type { Lease } from "./lease.ts";
import { many, stage } from "./stage.suite.ts";

const truncated = failure("truncated");

describe("lease", () => {
  test("counts its first release only", () => {
    const { cluster, call } = stage(2);
    const lease = cluster.lease(many(2)[0]!, call());
    lease.release(SUCCESS);
    lease.release(failure("reset"));
    lease.answered(failure("reset"));
    expect(cluster.snapshot().endpoints[0]).toMatchObject({ pending: 0, failed: 0, attempts: 1 });
  });

  test("measures up to the head of the answer and not to the end of its body", () => {
    const { cluster, call, clock } = stage(2);
    const lease = cluster.lease(many(2)[0]!, call());
    clock.now += 20;
    lease.answered(SUCCESS);
    expect(cluster.snapshot().endpoints[0]).toMatchObject({ latencyMs: 20, pending: 1 });
    clock.now += 60_000;
    lease.release(SUCCESS);
    expect(cluster.snapshot().endpoints[0]!.latencyMs).toBeCloseTo(20 * Math.exp(-6), 6); // decayed, no new sample
  });

  test("counts a failure once, whether head, end or both say so", () => {
    const { cluster, call } = stage(2);
    const [head, end, both] = [0, 0, 0].map(() => cluster.lease(many(2)[0]!, call())) as [Lease, Lease, Lease]; // three were made
    head.answered(failure("server-error"));
    head.release(SUCCESS);
    end.release(failure("reset"));
    both.answered(failure("server-error"));
    both.release(failure("server-error"));
    expect(cluster.snapshot().endpoints[0]).toMatchObject({ failed: 3, consecutiveFailures: 3, pending: 0 });
  });

  test("counts an answer whose body broke off as a failure", () => {
    const { cluster, call } = stage(2);
    const lease = cluster.lease(many(2)[0]!, call());
    lease.answered(SUCCESS);
    lease.release(truncated);
    expect(cluster.snapshot().endpoints[0]).toMatchObject({ failed: 1, consecutiveFailures: 1 });
  });

  test("blames nobody when the caller went away", () => {
    const { cluster, call } = stage(2);
    cluster.lease(many(2)[0]!, call()).release(IGNORED);
    expect(cluster.snapshot().endpoints[0]).toMatchObject({ failed: 0, failures: 0, latencyMs: undefined, pending: 0 });
  });

  test("counts each attempt that was judged in the buckets of its endpoint, by the time to its head or its failure", () => {
    const { cluster, call, clock } = stage(2);
    const took = (ms: number, end: (lease: Lease) => void): void => {
      const lease = cluster.lease(many(2)[0]!, call());
      clock.now += ms;
      end(lease);
      lease.release(SUCCESS);
    };
    took(4, (lease) => lease.answered(SUCCESS));
    took(4, (lease) => lease.answered(failure("server-error")));
    took(40, (lease) => lease.release(failure("timeout")));
    took(40, (lease) => lease.release(IGNORED));
    took(4, (lease) => {
      lease.answered(SUCCESS);
      clock.now += 400;
      lease.release(truncated);
    });
    const { answers } = cluster.snapshot().endpoints[0]!;
    const counted = answers.boundsMs.flatMap((bound, at) =>
      answers.counts[at] === 0 ? [] : [[bound, answers.counts[at]]],
    );
    expect(counted).toEqual([
      [5, 3],
      [50, 1],
    ]);
    expect(answers.sumMs).toBe(52);
  });

  test("tells its hook when it is cut, once, and nobody after the release", () => {
    const { cluster, call } = stage(2);
    const told: unknown[] = [];
    const lease = cluster.acquire(call());
    lease.onCut((reason, state) => told.push([reason, state]), "transport");
    lease.cut("slow");
    lease.cut("slower");
    lease.release(IGNORED);
    lease.cut("too late");
    const other = cluster.acquire(call());
    other.onCut(() => told.push("released"), undefined);
    other.release(SUCCESS);
    other.cut("too late");
    other.onCut(() => told.push("registered too late"), undefined);
    expect(told).toEqual([["slow", "transport"]]);
  });

  test("given up for a faster attempt, is cut and given back as ignored, whatever the transport makes of it", () => {
    const { cluster, call, clock } = stage(2);
    const lease = cluster.lease(many(2)[0]!, call());
    const told: unknown[] = [];
    lease.onCut((reason) => {
      told.push(reason);
      lease.release(failure("timeout"));
    }, undefined);
    clock.now += 400;
    lease.abandon("outrun");
    lease.abandon("again");
    lease.cut("too late");
    lease.onCut((reason) => told.push(reason), undefined);
    expect(told).toEqual(["outrun", "outrun"]);
    expect(cluster.snapshot().endpoints[0]).toMatchObject({ pending: 0, failed: 0, latencyMs: 400 });
  });

  test("given up after its release or its cut, tells nobody anything new", () => {
    const { cluster, call, clock } = stage(2);
    const told: unknown[] = [];
    const [cut, released] = [0, 0].map(() => cluster.lease(many(2)[0]!, call())) as [Lease, Lease]; // two were made
    for (const lease of [cut, released]) lease.onCut((reason) => told.push(reason), undefined);
    clock.now += 10;
    cut.cut("slow");
    cut.abandon("outrun");
    released.release(SUCCESS);
    released.abandon("outrun");
    expect(told).toEqual(["slow"]);
    expect(cluster.snapshot().endpoints[0]).toMatchObject({ pending: 0, failed: 0, latencyMs: 10 });
  });

  test("tells a hook that comes after the cut at once", () => {
    const { cluster, call } = stage(2);
    const lease = cluster.acquire(call());
    lease.cut("early");
    const told: unknown[] = [];
    lease.onCut((reason) => told.push(reason), undefined);
    expect(told).toEqual(["early"]);
    lease.release(IGNORED);
    expect(cluster.snapshot().endpoints.map(({ pending }) => pending)).toEqual([0, 0]);
  });

  test("leaves the age of the oldest attempt right, in whatever order attempts end", () => {
    const { cluster, call, clock } = stage(1, { callsPerEndpoint: Number.POSITIVE_INFINITY });
    const random = seededRandom(8);
    const held: { lease: Lease; startedMs: number; heard: boolean }[] = [];
    for (let i = 0; i < 500; i++) {
      clock.now += 1 + random.below(5);
      if (random.unit() < 0.5) held.push({ lease: cluster.acquire(call()), startedMs: clock.now, heard: false });
      else if (held.length > 0) {
        const at = random.below(held.length);
        if (random.unit() < 0.5) {
          held[at]!.lease.answered(SUCCESS);
          held[at]!.heard = true;
        } else held.splice(at, 1)[0]!.lease.release(random.unit() < 0.5 ? SUCCESS : IGNORED);
      }
      const open = held.filter(({ heard }) => !heard).map(({ startedMs }) => clock.now - startedMs);
      const probe = call();
      cluster.choose(probe);
      const [pick] = cluster.explain(probe.number);
      const latencyMs = pick?.kind === "pick" ? pick.candidates[0]!.latencyMs : -1;
      const { latencyMs: peakMs, pending } = cluster.snapshot().endpoints[0]!;
      expect(pending).toBe(held.length);
      expect(latencyMs).toBeCloseTo(Math.max(peakMs ?? cluster.snapshot().typicalMs / 2, ...open), 6);
    }
  });
});

describe("acquire", () => {
  test.each([
    {
      what: "no endpoint is known",
      size: 0,
      code: "NO_ENDPOINTS",
      message: "service orders: the registry knows no endpoint; start one, or check the name and tag it registers with",
    },
    {
      what: "all are draining",
      size: 2,
      state: "draining" as const,
      code: "NO_ENDPOINTS",
      message: "service orders: all 2 endpoints are draining; start others",
    },
    {
      what: "all are full",
      size: 2,
      held: 4,
      code: "OVERLOADED",
      message:
        "service orders: limits.callsPerEndpoint: 2 calls run on each of 2 endpoints; raise the limit or add endpoints",
    },
    {
      what: "all are ejected by hand",
      size: 2,
      ejectMs: 1_500,
      code: "ALL_EJECTED",
      message: "service orders: all 2 endpoints are ejected; the first returns in 1500 ms",
    },
    {
      what: "all are ejected for good",
      size: 2,
      ejectMs: Number.POSITIVE_INFINITY,
      code: "ALL_EJECTED",
      message: "service orders: all 2 endpoints are ejected; until restored by hand",
    },
  ])("says so in words when $what", ({ size, state, held = 0, ejectMs, code, message }) => {
    const members = many(size).map((one) => ({ ...one, ...(state === undefined ? {} : { state }) }));
    const { cluster, call } = stage(members, { callsPerEndpoint: 2 });
    for (let i = 0; i < held; i++) cluster.acquire(call());
    if (ejectMs !== undefined) for (const { id } of members) cluster.eject(id, ejectMs);
    expect(() => cluster.acquire(call())).toThrow(expect.objectContaining({ code, message, neverSent: true }));
    expect(cluster.choose(call())).toEqual({ kind: "none", code });
  });

  test("names what the registry lists and nobody can dial, while that is all it lists", () => {
    const { cluster, call } = stage(0);
    const refused = (): unknown => {
      try {
        return cluster.acquire(call());
      } catch (error) {
        return error instanceof Error ? error.message : error;
      }
    };
    cluster.update([], ["a left out: port 0"]);
    expect(refused()).toBe(
      "service orders: the registry knows no endpoint that can be dialled: a left out: port 0; correct what it registers",
    );
    cluster.update([], ["a left out: port 0", "b left out: port 0", "c left out: port 0"]);
    expect(refused()).toContain("a left out: port 0, and 2 more; correct");
    cluster.update([]);
    expect(refused()).toContain("the registry knows no endpoint; start one");
  });

  test("reports the limit that was reached", () => {
    const { cluster, call, journal } = stage(1, { callsPerEndpoint: 1 });
    cluster.acquire(call());
    expect(() => cluster.acquire(call())).toThrow("limits.callsPerEndpoint");
    expect(journal.of("limit.reached")).toEqual([{ service: "orders", limit: "limits.callsPerEndpoint", value: 1 }]);
  });

  test("goes to a tried endpoint again when it is the only one, and says so", () => {
    const { cluster, call } = stage(1);
    const one = call();
    cluster.acquire(one).release(failure("reset"));
    expect(cluster.acquire(one).endpoint.id).toBe("e0");
    expect(cluster.explain().at(-1)).toMatchObject({ kind: "pick", attempt: 2, verdict: "only-tried" });
  });

  test.each([2, 3])(
    "when all of %d have been tried, goes around them again, and never twice in a row to one",
    (size) => {
      const { cluster, call } = stage(size);
      // To a balancer that goes by load, one that refuses at once looks free: others have calls under way.
      for (let i = 1; i < size; i++) cluster.lease(many(size)[i]!, call());
      const one = call();
      const order: string[] = [];
      for (let attempt = 0; attempt < 4 * size; attempt++) {
        const lease = cluster.acquire(one);
        order.push(lease.endpoint.id);
        lease.release(failure("connect"));
      }
      const round = order.slice(0, size);
      expect(new Set(round).size).toBe(size);
      expect(order).toEqual([...round, ...round, ...round, ...round]);
    },
  );
});
