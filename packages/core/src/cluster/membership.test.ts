import { describe, expect, test } from "vitest";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { failure, IGNORED, SUCCESS } from "../outcome.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import { idsOf, many, stage } from "./stage.suite.ts";

const five = failure("server-error");

test("keeps what an endpoint has measured while the list around it, its weight and its labels change", () => {
  const { cluster, call, clock } = stage(3);
  const lease = cluster.lease(many(3)[1]!, call());
  clock.now += 40;
  lease.release(SUCCESS);
  cluster.update([endpoint({ id: "e9", host: "10.0.0.9", port: 9 }), { ...many(3)[1]!, weight: 5, tags: ["v2"] }]);
  expect(cluster.snapshot().endpoints[1]).toMatchObject({ latencyMs: 40, attempts: 1, endpoint: { weight: 5 } });
});

test("reports what came, went and changed, and nothing when nothing did", () => {
  const { cluster, journal } = stage(3);
  cluster.update(many(3));
  cluster.update(many(3).toReversed());
  cluster.update([{ ...many(3)[0]!, weight: 2 }, many(3)[2]!, endpoint({ id: "e7", host: "10.0.0.7", port: 7 })]);
  expect(journal.of("membership.changed")).toEqual([
    { service: "orders", added: ["e0", "e1", "e2"], removed: [], changed: [], total: 3 },
    { service: "orders", added: ["e7"], removed: ["e1"], changed: ["e0"], total: 3 },
  ]);
});

test("follows the registry's order also when only that changed", () => {
  const { cluster } = stage(3);
  cluster.update(many(3).toReversed());
  expect(idsOf(cluster.snapshot().endpoints)).toEqual(["e2", "e1", "e0"]);
});

test("knows nothing of an endpoint any more once it has another address", () => {
  const { cluster, call, clock, journal } = stage(2);
  const lease = cluster.lease(many(2)[0]!, call());
  clock.now += 40;
  lease.release(SUCCESS);
  cluster.update([{ ...many(2)[0]!, host: "10.9.9.9" }, many(2)[1]!]);
  expect(cluster.snapshot().endpoints[0]).toMatchObject({ latencyMs: undefined, attempts: 0, pending: 0 });
  expect(journal.of("membership.changed").at(-1)).toMatchObject({ changed: ["e0"], total: 2 });
});

test("counts the first of two endpoints with one id", () => {
  const { cluster } = stage([many(1)[0]!, endpoint({ id: "e0", host: "10.0.0.2", port: 2 })]);
  expect(cluster.snapshot().endpoints.map(({ endpoint: { host } }) => host)).toEqual(["10.0.0.1"]);
});

test("serves a choice whose endpoint has left meanwhile, and lets it count for nobody", () => {
  const { cluster, call, journal } = stage(2);
  const one = call();
  const choice = cluster.choose(one);
  if (choice.kind === "none") expect.fail("there are two");
  cluster.update([]);
  for (let i = 0; i < 10; i++) cluster.lease(choice.endpoint, call()).release(five);
  expect(cluster.snapshot().endpoints).toEqual([]);
  expect(journal.of("endpoint.ejected")).toEqual([]);
  expect(cluster.explain().at(-1)).toMatchObject({ kind: "attempt", endpoint: choice.endpoint.id });
});

test("begins an attempt at the address that was chosen, though the id has moved on to another", () => {
  const { cluster, call } = stage(1);
  const before = many(1)[0]!;
  cluster.update([{ ...before, port: 4_000 }]);
  const lease = cluster.lease(before, call());
  expect(lease.endpoint.port).toBe(1);
  expect(cluster.snapshot().endpoints[0]!.pending).toBe(0);
  lease.release(SUCCESS);
});

test.each(["leaves", "moves"])("judges no endpoint that %s while its attempts run", (what) => {
  const { cluster, call, journal } = stage(3);
  const leases = Array.from({ length: 10 }, () => cluster.lease(many(3)[0]!, call()));
  cluster.update(what === "leaves" ? many(3).slice(1) : [{ ...many(3)[0]!, port: 4_000 }, ...many(3).slice(1)]);
  for (const lease of leases) {
    lease.answered(five);
    lease.release(five);
  }
  expect(journal.of("endpoint.ejected")).toEqual([]);
  expect(cluster.snapshot().endpoints.map(({ failed, pending }) => failed + pending)).toEqual(
    what === "leaves" ? [0, 0] : [0, 0, 0],
  );
});

test("takes no notice of the trial of an endpoint that left", () => {
  const { cluster, call, clock, journal } = stage(3);
  for (let i = 0; i < 5; i++) cluster.lease(many(3)[0]!, call()).release(five);
  clock.now += 10_000;
  const trial = cluster.acquire(call());
  expect(trial.endpoint.id).toBe("e0");
  cluster.update(many(3).slice(1));
  trial.answered(SUCCESS);
  trial.release(SUCCESS);
  expect(journal.of("endpoint.returned")).toEqual([]);
});

test("brings back in the first place who would return first, when the available ones leave", () => {
  const { cluster, call, clock, journal, available } = stage(4);
  for (const at of [1, 0]) {
    for (let i = 0; i < 5; i++) cluster.lease(many(4)[at]!, call()).release(five);
    clock.now += 2_000;
  }
  expect(available()).toEqual(["e2", "e3"]);
  cluster.update(many(2));
  expect(available()).toEqual(["e1"]);
  expect(journal.of("endpoint.returned")).toMatchObject([{ endpoint: "e1" }]);
});

test("keeps rows and names for the members and some more, not for all there ever were", () => {
  const { cluster, call } = stage(0, { picker: roundRobin() });
  for (let round = 0; round < 10_000; round++) {
    const ids = [round, round + 1, round + 2];
    cluster.update(ids.map((id) => endpoint({ id: `i${id}`, host: "10.0.0.1", port: 1 + (id % 60_000) })));
    if (round % 100 === 0) cluster.acquire(call()).release(IGNORED);
  }
  const probe = stage(0);
  let rows = 0;
  // What a picker is given shows how many rows there are.
  const picker = {
    ...roundRobin(),
    pick: (_: unknown, draw: { cells: Float64Array }) => void (rows = draw.cells.length / 16), // two of eight for each
  };
  cluster.configure({ picker });
  cluster.choose(probe.call());
  expect(rows).toBeLessThanOrEqual(8);
});

test("still names an endpoint that left, and all of a big membership", () => {
  const { cluster, call } = stage(0);
  const big = Array.from({ length: 5_000 }, (_, i) => endpoint({ id: `b${i}`, host: "10.0.0.1", port: 1 + i }));
  cluster.update(big);
  const first = cluster.lease(big[0]!, call());
  first.release(SUCCESS);
  cluster.update(big.slice(1));
  expect(cluster.explain().at(-1)).toMatchObject({ kind: "attempt", endpoint: "b0" });
});

describe("panic", () => {
  const failing = (ids: readonly number[]): Endpoint[] =>
    many(3).map((one, i) => (ids.includes(i) ? { ...one, state: "failing" as const } : one));

  test("ignores the registry's checks when no endpoint passes them, and says so once", () => {
    const { cluster, call, available, journal } = stage(3);
    cluster.update(failing([0, 1]));
    expect(available()).toEqual(["e2"]);
    cluster.update(failing([0, 1, 2]));
    expect(available()).toEqual(["e0", "e1", "e2"]);
    expect(cluster.snapshot().panic).toBe(true);
    cluster.acquire(call()).release(SUCCESS);
    expect(journal.of("membership.panic")).toEqual([{ service: "orders", on: true, by: "registry", total: 3 }]);
  });

  test("believes them again as soon as one passes", () => {
    const { cluster, available, journal } = stage(3);
    cluster.update(failing([0, 1, 2]));
    cluster.update(failing([0, 2]));
    expect(available()).toEqual(["e1"]);
    expect(journal.of("membership.panic").map(({ on }) => on)).toEqual([true, false]);
  });

  test("never uses those that drain", () => {
    const { cluster, available } = stage(3);
    cluster.update(failing([0, 1]).map((one, i) => (i === 2 ? { ...one, state: "draining" as const } : one)));
    expect(available()).toEqual(["e0", "e1"]);
  });

  test("still ejects what really fails", () => {
    const { cluster, call, available } = stage(3);
    cluster.update(failing([0, 1, 2]));
    for (let i = 0; i < 5; i++) cluster.lease(many(3)[1]!, call()).release(failure("connect"));
    expect(available()).toEqual(["e0", "e2"]);
  });
});
