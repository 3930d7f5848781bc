import { expect, test } from "vitest";
import { failure, SUCCESS } from "../outcome.ts";
import { stage } from "../cluster/stage.suite.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import { DecisionLog } from "./decision-log.ts";

test("who knows when a call began finds the same of it, in the ring and among those that are kept", () => {
  const { cluster, call, clock } = stage(3);
  const first = call();
  cluster.acquire(first).release(failure("reset"));
  cluster.acquire(first).release(SUCCESS);
  cluster.decisions.keep(first.number);
  for (let i = 0; i < 200; i++) {
    clock.now += 10;
    cluster.acquire(call()).release(SUCCESS); // two records each: the first call's have moved
  }
  const last = call();
  cluster.acquire(last).release(SUCCESS);
  for (const { number, startedMs } of [first, last]) {
    expect(cluster.explain(number, startedMs)).toEqual(cluster.explain(number));
  }
  expect(cluster.explain(first.number, first.startedMs).map(({ kind }) => kind)).toEqual([
    "pick",
    "attempt",
    "pick",
    "attempt",
  ]);
});

test("what is told of a call that waited long hides nothing of one that began later", () => {
  const { cluster, call, clock } = stage(3);
  const waited = call();
  clock.now += 4_000;
  const later = call();
  cluster.acquire(later).release(SUCCESS);
  cluster.decisions.breaker(waited.startedMs, waited.number, "half-open");
  cluster.decisions.refusal(waited.startedMs, waited.number, "limits.calls", 7);
  expect(cluster.explain(later.number, later.startedMs).map(({ kind }) => kind)).toEqual(["pick", "attempt"]);
  expect(cluster.explain(waited.number, waited.startedMs).map(({ kind }) => kind)).toEqual(["breaker", "refusal"]);
});

test("the attempt that ejects its endpoint says how many failed in a row there, and later picks by which rule it is out", () => {
  const { cluster, call } = stage(3, { picker: roundRobin() });
  const told: (readonly [consecutive: number, by: string | undefined])[] = [];
  for (let i = 0; i < 15; i++) {
    const one = call();
    const lease = cluster.acquire(one);
    lease.release(lease.endpoint.id === "e1" ? failure("connect") : SUCCESS);
    for (const decision of cluster.explain(one.number)) {
      if (decision.kind === "attempt" && decision.endpoint === "e1")
        told.push([decision.consecutive, decision.ejectedBy]);
    }
  }
  expect(told).toEqual([
    [1, undefined],
    [2, undefined],
    [3, undefined],
    [4, undefined],
    [5, "connect"],
  ]);
  const later = call();
  cluster.acquire(later);
  expect(cluster.explain(later.number)[0]).toMatchObject({ absent: [{ endpoint: "e1", by: "connect" }] });
});

test.each([
  [0, 1],
  [1, 0],
  [2.5, 1],
  [Number.NaN, 1],
])("a log of %d records and %d more is refused: nothing could be noted in it", (records, kept) => {
  expect(() => new DecisionLog(records, kept)).toThrow("whole numbers from 1 on");
});
