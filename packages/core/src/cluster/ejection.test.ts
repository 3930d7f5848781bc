import { describe, expect, test } from "vitest";
import { failure, IGNORED, SUCCESS } from "../outcome.ts";
import type { Lease } from "./lease.ts";
import { many, outliers, type Stage, stage } from "./stage.suite.ts";

const five = failure("server-error");

describe("ejection", () => {
  test("takes an endpoint out after five failures in a row, says why, and for how long", () => {
    const { cluster, call, available, journal, clock } = stage(3);
    fail({ cluster, call }, 0, 4);
    expect(available()).toEqual(["e0", "e1", "e2"]);
    fail({ cluster, call }, 0, 1);
    expect(available()).toEqual(["e1", "e2"]);
    const [event] = journal.of("endpoint.ejected");
    expect(event).toMatchObject({
      endpoint: "e0",
      reason: "server-error",
      why: "5 consecutive failures, the last: 5xx answers",
    });
    expect(event!.forMs).toBeGreaterThanOrEqual(5_000);
    expect(event!.forMs).toBeLessThan(6_000);
    expect(event!.untilMs).toBe(clock.now + event!.forMs);
  });

  test("needs them in a row: a success in between begins the count anew", () => {
    const { cluster, call, available } = stage(3);
    for (let i = 0; i < 10; i++) {
      fail({ cluster, call }, 0, 4);
      at({ cluster, call }, 0).release(SUCCESS);
    }
    expect(available()).toHaveLength(3);
  });

  test("is not earned by overload, nor by what the caller gave up", () => {
    const { cluster, call, available } = stage(3);
    for (let i = 0; i < 20; i++) {
      at({ cluster, call }, 0).release(failure("overloaded"));
      at({ cluster, call }, 0).release(IGNORED);
    }
    expect(available()).toHaveLength(3);
  });

  test("leaves the last one, and says once for each five failures that it was kept", () => {
    const { cluster, call, available, journal } = stage(1);
    fail({ cluster, call }, 0, 12);
    expect(available()).toEqual(["e0"]);
    expect(journal.of("endpoint.kept").map(({ why }) => why)).toEqual([
      "5 consecutive failures, the last: 5xx answers; it is the only endpoint",
      "10 consecutive failures, the last: 5xx answers; it is the only endpoint",
    ]);
  });

  test.each([
    { size: 2, ejected: 1 },
    { size: 3, ejected: 1 },
    { size: 4, ejected: 2 },
    { size: 10, ejected: 5 },
  ])("takes out $ejected of $size when all fail", ({ size, ejected }) => {
    const { cluster, call, available } = stage(size);
    for (let i = 0; i < size; i++) fail({ cluster, call }, i, 10);
    expect(available()).toHaveLength(size - ejected);
  });

  test("is off at an infinite threshold", () => {
    const { cluster, call, available } = stage(2, {
      outliers: outliers({ consecutiveFailures: Number.POSITIVE_INFINITY }),
    });
    fail({ cluster, call }, 0, 1_000);
    expect(available()).toHaveLength(2);
  });

  test("does not follow a failing endpoint out of the registry's traffic", () => {
    const { cluster, call, journal } = stage(3);
    const leases = Array.from({ length: 10 }, () => at({ cluster, call }, 0));
    cluster.update([{ ...many(3)[0]!, state: "failing" }, ...many(3).slice(1)]);
    for (const lease of leases) lease.release(five);
    expect(journal.of("endpoint.ejected")).toEqual([]);
  });

  test("outlasts the registry's opinion in between", () => {
    const { cluster, call, available, clock } = stage(3);
    fail({ cluster, call }, 0, 5);
    cluster.update([{ ...many(3)[0]!, state: "failing" }, ...many(3).slice(1)]);
    cluster.update(many(3));
    expect(available()).toEqual(["e1", "e2"]);
    clock.now += 6_000;
    expect(cluster.acquire(call()).endpoint.id).toBe("e0"); // its trial
  });

  test("leaves the configured rules to be changed, and keeps who is ejected", () => {
    const { cluster, call, available } = stage(4);
    fail({ cluster, call }, 0, 5);
    cluster.configure({ outliers: outliers({ consecutiveFailures: 1 }) });
    fail({ cluster, call }, 1, 1);
    expect(available()).toEqual(["e2", "e3"]);
  });
});

describe("ejection by hand", () => {
  test("may take out all, and only then is nobody left", () => {
    const { cluster, call, available } = stage(2);
    expect([cluster.eject("e0", 1_000), cluster.eject("e1", 1_000), cluster.eject("nobody", 1_000)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(available()).toEqual([]);
    expect(cluster.choose(call())).toEqual({ kind: "none", code: "ALL_EJECTED" });
    expect([cluster.restore("e0"), cluster.restore("nobody")]).toEqual([true, false]);
    expect(cluster.acquire(call()).endpoint.id).toBe("e0");
  });

  test("of the last available one brings another back that was ejected for its failures", () => {
    const { cluster, call, available } = stage(2);
    fail({ cluster, call }, 0, 5);
    expect(available()).toEqual(["e1"]);
    cluster.eject("e1", 60_000);
    expect(available()).toEqual(["e0"]);
  });

  test("of all ends with the first to run out, for every call at once", () => {
    const { cluster, call, clock } = stage(2);
    cluster.eject("e0", 1_000);
    cluster.eject("e1", 60_000);
    clock.now += 1_000;
    const ids = Array.from({ length: 5 }, () => cluster.acquire(call(false)).endpoint.id);
    expect(ids).toEqual(Array(5).fill("e0"));
  });

  test("is not undone by the trial that was on its way", () => {
    const { cluster, call, clock, available } = stage(3);
    fail({ cluster, call }, 0, 5);
    clock.now += 6_000;
    const trial = cluster.acquire(call());
    cluster.eject("e0", 600_000);
    trial.answered(SUCCESS);
    trial.release(SUCCESS);
    expect(available()).toEqual(["e1", "e2"]);
    clock.now += 500_000;
    expect(cluster.acquire(call()).endpoint.id).not.toBe("e0");
  });

  test.each([0, -1, Number.NaN])("refuses %d ms", (ms) => {
    const { cluster } = stage(2);
    expect(() => cluster.eject("e0", ms)).toThrow(RangeError);
  });
});

describe("return", () => {
  test("is tried by one idempotent first attempt, while the others go elsewhere", () => {
    const { cluster, call, available, journal } = onTrial();
    const retried = call();
    retried.trying(many(3)[1]!);
    expect(cluster.acquire(call(false)).endpoint.id).not.toBe("e0");
    expect(cluster.acquire(retried).endpoint.id).not.toBe("e0");
    const trial = cluster.acquire(call());
    expect(trial.endpoint.id).toBe("e0");
    for (let i = 0; i < 20; i++) expect(cluster.acquire(call()).endpoint.id).not.toBe("e0");
    expect(available()).toEqual(["e1", "e2"]);
    trial.answered(SUCCESS);
    expect(available()).toEqual(["e0", "e1", "e2"]);
    expect(journal.of("endpoint.probing")).toHaveLength(1);
    expect(journal.of("endpoint.returned")).toMatchObject([{ endpoint: "e0" }]);
  });

  test("is tried by any call when no idempotent one came for a base ejection time", () => {
    const { cluster, call, clock } = onTrial();
    expect(cluster.acquire(call(false)).endpoint.id).not.toBe("e0"); // notices that the ejection is over
    clock.now += 4_999;
    expect(cluster.acquire(call(false)).endpoint.id).not.toBe("e0");
    clock.now += 1;
    expect(cluster.acquire(call(false)).endpoint.id).toBe("e0");
  });

  test("is put off for twice as long by a trial that fails", () => {
    const { cluster, call, available, journal } = onTrial();
    cluster.acquire(call()).release(failure("connect"));
    expect(available()).toEqual(["e1", "e2"]);
    const event = journal.of("endpoint.ejected").at(-1)!;
    expect(event.why).toBe("its trial failed: connect failures");
    expect(event.forMs).toBeGreaterThanOrEqual(10_000);
    expect(event.forMs).toBeLessThan(12_000);
  });

  test("is tried by the next call when the trial told nothing", () => {
    const { cluster, call } = onTrial();
    cluster.acquire(call()).release(IGNORED);
    expect(cluster.acquire(call()).endpoint.id).toBe("e0");
  });

  test("is not tried by a choice that was thrown away", () => {
    const { cluster, call } = onTrial();
    for (let i = 0; i < 3; i++) expect(cluster.choose(call())).toMatchObject({ endpoint: { id: "e0" } });
    const trial = cluster.lease(many(3)[0]!, call());
    expect(cluster.choose(call())).not.toMatchObject({ endpoint: { id: "e0" } });
    trial.release(SUCCESS);
  });

  test("is decided by the trial, not by attempts from before the ejection", () => {
    const { cluster, call, clock, available } = stage(3);
    const old = Array.from({ length: 12 }, () => at({ cluster, call }, 0));
    fail({ cluster, call }, 0, 5);
    old.pop()!.release(SUCCESS); // while ejected
    expect(available()).toEqual(["e1", "e2"]);
    clock.now += 6_000;
    const trial = cluster.acquire(call());
    old.pop()!.release(SUCCESS); // while on trial
    old.pop()!.release(five);
    expect(available()).toEqual(["e1", "e2"]);
    trial.release(SUCCESS);
    expect(available()).toEqual(["e0", "e1", "e2"]);
    for (const lease of old) lease.release(failure("timeout")); // after the return
    expect(available()).toEqual(["e0", "e1", "e2"]);
  });

  test("is taken back when the trial's body breaks off", () => {
    const { cluster, call, available, journal } = onTrial();
    const trial = cluster.acquire(call());
    trial.answered(SUCCESS);
    trial.release(failure("truncated"));
    expect(available()).toEqual(["e1", "e2"]);
    expect(journal.of("endpoint.ejected").at(-1)!.why).toBe("its trial failed: truncated answers");
  });

  test("is not taken back for that once another exchange has ended well", () => {
    const { cluster, call, available } = onTrial();
    const trial = cluster.acquire(call());
    trial.answered(SUCCESS);
    at({ cluster, call }, 0).release(SUCCESS);
    trial.release(failure("truncated"));
    expect(available()).toEqual(["e0", "e1", "e2"]);
  });

  test("waits for room where attempts from before fill the endpoint", () => {
    const { cluster, call, clock } = stage(3, { callsPerEndpoint: 2 });
    const old = [at({ cluster, call }, 0), at({ cluster, call }, 0)];
    fail({ cluster, call }, 0, 5);
    clock.now += 6_000;
    expect(cluster.acquire(call()).endpoint.id).not.toBe("e0");
    old[0]!.release(IGNORED);
    expect(cluster.acquire(call()).endpoint.id).toBe("e0");
  });

  test("is noticed without a timer, and each of several endpoints has its own trial", () => {
    const { cluster, call, clock, available } = stage(6);
    for (const i of [0, 1, 2]) fail({ cluster, call }, i, 5);
    clock.now += 60_000;
    const trials = [0, 1, 2].map(() => cluster.acquire(call()));
    expect(trials.map(({ endpoint: { id } }) => id)).toEqual(["e0", "e1", "e2"]);
    for (const trial of trials) trial.answered(SUCCESS);
    expect(available()).toHaveLength(6);
  });
});

test("a snapshot, an explanation and a choice change nothing", () => {
  const { cluster, call, clock } = onTrial();
  clock.now += 100;
  const before = [cluster.snapshot(), cluster.explain()];
  expect([cluster.snapshot(), cluster.explain()]).toEqual(before);
  cluster.choose(call());
  cluster.choose(call());
  expect(cluster.snapshot().endpoints.map(({ attempts, pending }) => [attempts, pending])).toEqual([
    [5, 0],
    [0, 0],
    [0, 0],
  ]);
});

type Lab = Pick<Stage, "cluster" | "call">;

function at({ cluster, call }: Lab, i: number): Lease {
  return cluster.lease(many(i + 1)[i]!, call());
}

function fail(lab: Lab, i: number, times: number): void {
  for (let n = 0; n < times; n++) at(lab, i).release(five);
}

/** Three endpoints, of which e0 was ejected and its time is over. */
function onTrial(): Stage {
  const lab = stage(3);
  fail(lab, 0, 5);
  lab.clock.now += 6_000;
  return lab;
}
